# `make` lists what there is. Everything is set up on the way by the registries' packages alone.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.ready ## the virtual environment, with the server, the clients and the tests' tools

.venv/.ready: requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --requirement requirements/dev.txt --editable . --no-deps
	@touch $@

.venv-export/.ready: requirements/export.txt pyproject.toml | .venv/.ready
	@test -x .venv-export/bin/python || $(PYTHON) -m venv .venv-export
	@VIRTUAL_ENV=$(CURDIR)/.venv-export $(BIN)/uv pip install --quiet --requirement requirements/export.txt --editable . --no-deps
	@touch $@

pins: .venv/.ready ## compile requirements/*.txt from pyproject.toml
	@cd requirements && for extra in dev export; do \
	  ../$(BIN)/uv pip compile --quiet --universal --no-header ../pyproject.toml --extra server --extra dev \
	    $$([ $$extra = export ] && echo --extra export) --output-file $$extra.txt; done

protos: .venv/.ready ## lint the protos and generate the stubs
	@cd protos && export PATH="$(CURDIR)/$(BIN):$$PATH" && buf lint \
	  && buf generate --path sightline --output ../clients/python \
	  && buf generate --path gateway --output .. \
	  && buf generate third_party --path third_party/buf --output ../clients/python \
	  && buf build --path sightline --path gateway --output ../clients/python/sightline/v1/descriptors.binpb

.PHONY: help setup pins protos
