"""Security schemes of the OpenAPI document, from a setting: `bearer:JWT, apikey:X-Api-Key`."""

from __future__ import annotations

from typing import Any

from gateway.metadata import PREFIX

Json = dict[str, Any]


def security(setting: str) -> tuple[Json, list[Json]]:
    """The `securitySchemes` of a setting, and the `security` that takes any of them.

    An API key is named by the gRPC metadata key that the service reads, and travels in that key's header.
    """
    schemes: Json = {}
    for item in filter(None, (part.strip() for part in setting.split(","))):
        kind, _, detail = item.partition(":")
        if kind == "apikey":
            name = "-".join(part.capitalize() for part in f"{PREFIX}{detail}".split("-"))
            schemes[f"apiKey{len(schemes)}" if "apiKey" in schemes else "apiKey"] = {
                "type": "apiKey",
                "in": "header",
                "name": name,
            }
        else:
            schemes[kind] = {"type": "http", "scheme": kind, **({"bearerFormat": detail} if detail else {})}
    return schemes, [{name: []} for name in schemes]
