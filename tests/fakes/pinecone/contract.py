"""Holds requests and answers to Pinecone's published OpenAPI documents, strictly: no field that they lack."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

VERSION = "2025-10"
"""The version that the SDK announces, and that the documents are of."""

_DOCUMENT = "urn:contract"


class Breach(Exception):
    """What was sent is not what the contract says."""


class Contract:
    """One document. `folder` holds db_data_….oas.yaml and db_control_….oas.yaml."""

    def __init__(self, folder: Path, name: str) -> None:
        document = yaml.safe_load((folder / f"{name}_{VERSION}.oas.yaml").read_text())
        self._paths: Mapping[str, Any] = document["paths"]
        tightened = _tightened(document)
        self._registry = Registry().with_resource(
            _DOCUMENT, Resource.from_contents(tightened, default_specification=DRAFT202012)
        )

    def check_request(
        self, method: str, path: str, headers: Mapping[str, str], query: list[tuple[str, str]], body: Any
    ) -> None:
        """Raises Breach."""
        operation = self._operation(method, path)
        parameters = operation.get("parameters", [])
        named = {each["name"] for each in parameters if each["in"] == "query"}
        if unknown := {name for name, _ in query} - named:
            raise Breach(f"{method} {path}: no parameters {sorted(unknown)}")
        sent = {name for name, _ in query}
        for each in parameters:
            if each.get("required") and each["in"] == "query" and each["name"] not in sent:
                raise Breach(f"{method} {path}: {each['name']} is required")
        if headers.get("x-pinecone-api-version") != VERSION:
            raise Breach(f"version {headers.get('x-pinecone-api-version')}, not {VERSION}")
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if (content is None) != (body is None):
            raise Breach(f"{method} {path}: {'no body' if body is None else 'a body'}")
        if content is not None:
            self._check(content["schema"], body, f"{method} {path}")

    def check_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Raises Breach."""
        responses = self._operation(method, path)["responses"]
        found = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if found is None and status in (429, 503):
            return  # of every API, in no document of the control plane
        if found is None:
            raise Breach(f"{method} {path}: no answer {status}")
        content = found.get("content", {}).get("application/json")
        if content is not None:
            self._check(content["schema"], body, f"{method} {path} → {status}")

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        for template, methods in self._paths.items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in methods:
                operation: Mapping[str, Any] = methods[method.lower()]
                return operation
        raise Breach(f"{method} {path} is no operation")

    def _check(self, schema: Mapping[str, Any], value: Any, where: str) -> None:
        validator = Draft202012Validator(_tightened(schema), registry=self._registry)
        for error in validator.iter_errors(value):
            raise Breach(f"{where}: {error.json_path}: {error.message[:300]}")


def _tightened(schema: Any) -> Any:
    """A schema of the documents as JSON Schema reads it, and without a place for what it does not name.

    The documents say maxLength where they mean maxItems, and x-enum for values that may grow in number.
    """
    if isinstance(schema, list):
        return [_tightened(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _tightened(value) for name, value in schema.items()}
    if isinstance(reference := found.get("$ref"), str):
        found["$ref"] = reference if reference.startswith(_DOCUMENT) else _DOCUMENT + reference
    kind = found.get("type")
    if kind == "array":
        for ours, theirs in (("maxItems", "maxLength"), ("minItems", "minLength")):
            if theirs in found:
                found[ours] = found.pop(theirs)
    if isinstance(kind, str) and kind != "object":
        found.pop("required", None)
    if kind == "object" and "properties" in found and isinstance(found["properties"], dict):
        found.setdefault("additionalProperties", False)
    if isinstance(found.get("x-enum"), list) and kind == "string":
        found["enum"] = found.pop("x-enum")
    if found.pop("nullable", False) is True and isinstance(kind, str):
        found["type"] = [kind, "null"]
    return found
