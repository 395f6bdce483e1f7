"""Path templates as OpenAPI paths: `{name=shelves/*/books/*}` becomes `shelves/{shelf}/books/{book}`.

OpenAPI's parameters hold no slash, and two templates that differ in their variables alone would be one path.
"""

from __future__ import annotations

import re
from typing import Any

from gateway.pattern import ONE, REST, Template, Variable
from gateway.routes import Route
from gateway.schema import Schema

_PLACE = re.compile(r"\{[^}]*\}")


class PathTable:
    """Gives routes their paths. Routes of equal shape share one, with the names that came first."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._known: dict[str, list[str]] = {}

    def add(self, route: Route) -> tuple[str, list[dict[str, Any]]]:
        """The path of a route, and its path parameters."""
        pieces, parameters = self._expand(route)
        names = [parameter["name"] for parameter in parameters]
        shape = _PLACE.sub("{}", pieces)
        known = self._known.setdefault(shape, names)
        for parameter, name in zip(parameters, known, strict=True):
            parameter["name"] = name
        replacements = iter(known)
        return _PLACE.sub(lambda _: "{" + next(replacements) + "}", pieces), parameters

    def _expand(self, route: Route) -> tuple[str, list[dict[str, Any]]]:
        template = route.template
        owners = dict(_owners(template))
        out: list[str] = []
        parameters: list[dict[str, Any]] = []
        for index, segment in enumerate(template.segments):
            if segment not in (ONE, REST):
                out.append(segment)
                continue
            variable = owners.get(index)
            simple = variable is not None and not variable.multi
            before = template.segments[index - 1] if index else ""
            if simple or before in ("", ONE, REST):
                name = "_".join(variable.field_path) if variable else "path"  # tools stumble over dots
            else:
                name = _singular(before)
            name = _fresh(name, [parameter["name"] for parameter in parameters])
            out.append("{" + name + "}")
            parameters.append(self._parameter(route, name, variable, segment))
        verb = f":{template.verb}" if template.verb else ""
        return "/" + "/".join(out) + verb, parameters

    def _parameter(self, route: Route, name: str, variable: Variable | None, segment: str) -> dict[str, Any]:
        parameter: dict[str, Any] = {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        if variable is not None:
            field = route.bound[route.template.variables.index(variable)][-1]
            comment = self._schema.comments.get(field.full_name, "")
            part = f"Part of `{'.'.join(variable.field_path)}`. " if variable.multi else ""
            if part or comment:
                parameter["description"] = (part + comment).strip()
        if segment == REST:
            parameter["description"] = (parameter.get("description", "") + " May hold slashes.").strip()
        return parameter


def _owners(template: Template) -> list[tuple[int, Variable]]:
    size = len(template.segments)
    return [
        (index, variable)
        for variable in template.variables
        for index in range(variable.start, size if variable.stop is None else variable.stop)
    ]


def _singular(plural: str) -> str:
    for ending, replacement in (("ies", "y"), ("ves", "f"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if plural.endswith(ending) and len(plural) > len(ending) + 1:
            return plural.removesuffix(ending) + replacement
    return plural


def _fresh(name: str, taken: list[str]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        candidate = f"{name}_{number}"
        number += 1
    return candidate
