# `make` lists what there is. Everything is set up on the way, from the package registries alone.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# The local Triton runs its Python models on 3.11 or 3.12, so everything does.
PYTHON ?= $(shell for each in python3 python3.12 python3.11; do \
  $$each -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
EXPORT_BIN := .venv-export/bin
# Registries behind a company's own certificate are trusted as the system trusts them.
export UV_SYSTEM_CERTS := 1

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/.ready ## start everything, index the sample gallery, search it, draw what was found
	@$(BIN)/sightline demo

up: .venv/.ready ## start Triton, the index, the orchestrator and the gateway in the background
	@$(BIN)/sightline up

down: ## stop them
	@test ! -x $(BIN)/sightline || $(BIN)/sightline down

test: check .venv-export/.ready ## check the code and run all tests
	@$(EXPORT_BIN)/mypy --no-error-summary model_repository tests/export
	@$(BIN)/python -m pytest --ignore tests/export
	@$(EXPORT_BIN)/python -m pytest tests/export

parity: .venv-export/.ready ## compare every size of every family with its publisher's model; takes long
	@$(EXPORT_BIN)/python -m pytest tests/export/test_sizes.py -m 'parity or not parity' -rP

check: .venv/.ready ## format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy --no-error-summary orchestrator gateway clients/python tests --exclude '^tests/export/'

fuzz: .venv/.ready ## fuzz the gateway for long: EXAMPLES=5000
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),5000) $(BIN)/python -m pytest --timeout 0 tests/fuzz

bench: .venv-export/.ready ## measure ingest, search and indexes, as ratios to the engines alone: VECTORS=1000000
	@$(BIN)/python -m tests.benchmarks
	@$(BIN)/python -m tests.benchmarks.indexes $(if $(VECTORS),--vectors $(VECTORS))

protos: .venv/.ready protos/.tools/.ready ## lint the protos and write every language's stubs anew
	@cd protos && export PATH="$(CURDIR)/protos/.tools/bin:$(CURDIR)/$(BIN):$$PATH" && buf lint \
	  && api-linter --config api-linter.yaml --set-exit-status --output-format github -I third_party {sightline,gateway}/v1/*.proto \
	  && python="buf generate --template buf.gen.python.yaml" \
	  && $$python --path sightline --output ../clients/python \
	  && $$python --path gateway --output .. \
	  && $$python third_party --path third_party/buf --output ../clients/python \
	  && buf build --path sightline --path gateway --output ../clients/python/sightline/v1/descriptors.binpb \
	  && buf generate && buf generate --template buf.gen.published.yaml
	@$(BIN)/python clients/python/generate_sync.py
	@$(BIN)/python clients/python/generate_reference.py
	@for folder in go java/src/main/resources/dev/sightline rust/src; do \
	  mkdir -p clients/$$folder && cp clients/python/sightline/service_config.json clients/$$folder/; done
	@printf '/** Made from service_config.json by make protos. */\nexport const serviceConfig = %s as const;\n' \
	  "$$(cat clients/python/sightline/service_config.json)" >clients/typescript/src/service_config.ts

models: .venv-export/.ready ## export and install a model pack: PACK=clip-vit-b32 …, FROM=, PRECISION=, ENGINE=
	@case "$(ENGINE):$(FROM)$(PRECISION)" in \
	  :*) ;; \
	  tensorrt:) exec $(EXPORT_BIN)/python -m model_repository.export.tensorrt --pack "$(PACK)" $(if $(DRY_RUN),--dry-run) ;; \
	  *) echo "ENGINE=tensorrt alone, for a pack that is installed: first without it, with FROM and PRECISION" >&2; exit 2 ;; \
	esac; case "$(PACK):$(FROM)" in \
	  ?*:*.onnx) module=onnx_embedder options='--model $(FROM)' ;; \
	  sam2.1-*:*) module=sam2 options='--config $(PACK:sam2.1-%=%) --checkpoint $(or $(FROM),hub)' ;; \
	  siglip2-*:*) module=siglip options='$(if $(FROM),--checkpoint $(FROM))' ;; \
	  blip-itm*:*) module=blip_itm options='$(if $(FROM),--checkpoint $(FROM))' ;; \
	  blip-caption*:*) module=blip_caption options='$(if $(FROM),--checkpoint $(FROM))' ;; \
	  ?*:*) module=clip options='$(if $(FROM),--checkpoint $(FROM))' ;; \
	  *) echo "say which: make models PACK=clip-vit-b32 [FROM=folder, file, hub id or model.onnx] [PRECISION=fp16]" >&2; exit 2 ;; \
	esac; $(EXPORT_BIN)/python -m model_repository.export.$$module --pack "$(PACK)" $$options \
	  $(if $(PRECISION),--precision "$(PRECISION)")

pins: .venv/.ready ## compile requirements/*.txt from pyproject.toml
	@compile="$(BIN)/uv pip compile --quiet --universal --no-header pyproject.toml --extra server --extra import" \
	  && $$compile --output-file requirements/server.txt \
	  && $$compile --extra dev --output-file requirements/dev.txt \
	  && $$compile --extra dev --extra export --output-file requirements/export.txt

.venv/.ready: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed, as python3, python3.12 or python3.11" >&2; exit 1; }
	@echo "setting up .venv …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<1'
	@VIRTUAL_ENV="$(CURDIR)/.venv" $(BIN)/uv pip install --quiet --requirement requirements/dev.txt
	@VIRTUAL_ENV="$(CURDIR)/.venv" $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

# The generators of every language but Python, and api-linter: Go, Cargo, Maven and npm build and fetch them.
protos/.tools/.ready: protos/tools/install.sh protos/tools/go.mod protos/tools/go.sum clients/typescript/package-lock.json
	@echo "setting up protos/.tools …"
	@protos/tools/install.sh
	@touch $@

# torch and what comes with it: some 5 GB, only for exporting and training.
.venv-export/.ready: requirements/export.txt pyproject.toml | .venv/.ready
	@echo "setting up .venv-export, with torch …"
	@test -x $(EXPORT_BIN)/python || $(PYTHON) -m venv .venv-export
	@VIRTUAL_ENV="$(CURDIR)/.venv-export" $(BIN)/uv pip install --quiet --requirement requirements/export.txt
	@VIRTUAL_ENV="$(CURDIR)/.venv-export" $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

.PHONY: help demo up down test check parity fuzz bench protos models pins
