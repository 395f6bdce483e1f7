"""Schemathesis reads the gateway's own OpenAPI document, and holds the gateway to it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz import EXAMPLES
from tests.fuzz.conftest import Live

# Of the library server's: what fails as told, never answers, turns JSON round, or sends headers as told.
NOT_CALLED = {"Library_Fail", "Library_Hang", "Library_Print", "Library_Download", "Library_StreamDownload"}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/x-ndjson")
def json_lines(context: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


@schemathesis.serializer("image/*", "application/epub+zip", "*/*")
def bare(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


# Rules of fields are the service's to hold, and the library server holds none.
RULES = {"minLength", "maxLength", "minimum", "maximum", "maxItems"}


def without_rules(value: Any) -> Any:
    if isinstance(value, list):
        return [without_rules(item) for item in value]
    if isinstance(value, dict):
        return {key: without_rules(item) for key, item in value.items() if key not in RULES}
    return value


@pytest.fixture(scope="module")
def operations(live: Live) -> list[Any]:
    document = httpx.get(f"{live.url}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(without_rules(document))
    found: list[Any] = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        found.append(result.ok())
    assert len(found) > 20
    return [one for one in found if one.definition.raw["operationId"] not in NOT_CALLED]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_gateway_is_as_it_says(live: Live, operations: list[Any], mode: GenerationMode) -> None:
    for operation in operations:
        # A search waits between its hits for as long as it is told: its deadline ends it, and may be early.
        waits = operation.definition.raw["operationId"].startswith("Library_Search")
        seconds, checks = ("500m", CHECKS[1:]) if waits else ("20S", CHECKS)
        hold(live.url, operation, mode, seconds, checks)


def hold(url: str, operation: Any, mode: GenerationMode, seconds: str, checks: list[Any]) -> None:
    @settings(
        max_examples=max(4, EXAMPLES // 10),
        deadline=None,
        derandomize=EXAMPLES <= 40,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.headers["Grpc-Timeout"] = seconds
        case.call_and_validate(base_url=url, checks=checks, timeout=30)

    holds()
