"""HTTP rules from a file: routes for methods that bear no `google.api.http`, or others than they bear.

The file is a service configuration as Google's and grpc-gateway's (grpc_api_configuration), in YAML or JSON:

    type: google.api.Service
    http:
      rules:
        - selector: google.longrunning.Operations.WaitOperation
          post: /v1/{name=operations/*}:wait
          body: "*"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from google.api import http_pb2
from google.protobuf import json_format

from gateway import pattern
from gateway.pattern import TemplateError

_METHOD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z", re.ASCII)
_TYPES = ("google.api.Service", "google.api.Http")


class HttpRulesError(Exception):
    """A file of HTTP rules that cannot be read, or a rule in it that is none: file, rule and reason."""


@dataclass(frozen=True, slots=True)
class FileRule:
    """A rule of a file, and where it stands."""

    where: str
    rule: Any  # a google.api.HttpRule


Rules = Mapping[str, tuple[FileRule, ...]]


def read_rules(path: Path) -> Rules:
    """The rules of a file by the full name of the method that they are for. Raises HttpRulesError.

    A method may have several; all are served, as those of `additional_bindings` are. What else a
    google.api.Service holds is passed over.
    """
    out: dict[str, tuple[FileRule, ...]] = {}
    for index, given in enumerate(_listed(path)):
        selector = given.get("selector") if isinstance(given, dict) else None
        where = f"{path}: rule {index + 1}" + (f" ({selector})" if isinstance(selector, str) else "")
        rule: Any = http_pb2.HttpRule()
        try:
            json_format.ParseDict(given, rule)
        except (json_format.ParseError, TypeError, AttributeError) as error:
            raise HttpRulesError(f"{where}: is not a google.api.HttpRule: {error}") from error
        why = _fault(rule, nested=False)
        if why:
            raise HttpRulesError(f"{where}: {why}")
        name = rule.selector.strip()
        out[name] = (*out.get(name, ()), FileRule(where, rule))
    return out


def _listed(path: Path) -> list[Any]:
    try:
        document = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise HttpRulesError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise HttpRulesError(f"{path} is neither YAML nor JSON: {error}") from error
    if not isinstance(document, dict):
        raise HttpRulesError(f"{path} is not a google.api.Service: it is no mapping")
    kind = document.get("type", _TYPES[0])
    if kind not in _TYPES:
        raise HttpRulesError(f"{path}: its type is {kind!r}, and not {_TYPES[0]}")
    http = document if "rules" in document else document.get("http")
    rules = http.get("rules") if isinstance(http, dict) else None
    if not isinstance(rules, list):
        raise HttpRulesError(f"{path} holds no list http.rules")
    return rules


def _fault(rule: Any, *, nested: bool) -> str:
    """What is wrong with a rule whatever its method, "" where nothing is."""
    if nested and (rule.selector or rule.additional_bindings):
        return "an additional binding has a selector, or bindings of its own"
    if not nested and not _METHOD.match(rule.selector.strip()):
        return "its selector is not the full name of one method, package.Service.Method, without wildcards"
    kind = rule.WhichOneof("pattern")
    if kind is None:
        return "it has no path: one of get, put, post, delete, patch, custom"
    try:
        pattern.parse(rule.custom.path if kind == "custom" else getattr(rule, kind))
    except TemplateError as error:
        return str(error)
    if kind == "custom" and not rule.custom.kind:
        return "its custom pattern has no kind"
    faults = (_fault(binding, nested=True) for binding in rule.additional_bindings)
    return next((why for why in faults if why), "")
