"""Imports and their operations over HTTP, as the local stack's gateway serves them."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.job import import_kind
from orchestrator.application.jobs import Jobs
from sightline.stack.services import services
from sightline.stack.settings import StackSettings
from tests.fixtures.gateway import started
from tests.fixtures.import_files import picture
from tests.fixtures.server import RunningServer

IMPORTS = "/v1/collections/default/images:import"
SCHEDULES = "/v1/collections/default/schedules"


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    gateway = services(StackSettings())[-1]
    jobs = Jobs(server.ports.operations, [import_kind(server.ports, Budget(4, 1 << 20))], every=0.05)
    task = asyncio.create_task(jobs.keep_running())
    rules = gateway.environment["SIGHTLINE_GATEWAY_HTTP_RULES"]
    async with (
        started(server.address, "--http-rules", rules) as process,
        httpx.AsyncClient(base_url=process.url, timeout=60) as made,
    ):
        yield made
    task.cancel()
    await asyncio.wait([task])


async def answered(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_import_is_run_over_http(client: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        (tmp_path / "pictures" / f"{number}.png").write_bytes(picture(number))
    (tmp_path / "pictures" / "broken.png").write_bytes(b"nothing")
    source = {"files": {"uri": (tmp_path / "pictures").as_uri()}}
    begun = await answered(client, "POST", IMPORTS, {"source": source, "options": {"folder": "a"}})
    name = begun["name"]
    assert begun["metadata"]["@type"].endswith("sightline.v1.ImportMetadata")
    done = await answered(client, "POST", f"/v1/{name}:wait", {"timeout": "50s"})
    assert done["done"]
    assert (done["response"]["counts"]["done"], done["response"]["counts"]["failed"]) == ("3", "1")
    assert (await answered(client, "GET", f"/v1/{name}")) == done
    listed = await answered(client, "GET", "/v1/operations?filter=done%20%3D%20true")
    assert [each["name"] for each in listed["operations"]] == [name]
    items = await answered(client, "GET", f"/v1/{name}/items?state=FAILED")
    assert [each["key"] for each in items["items"]] == ["broken.png"]
    watched = await client.get(f"/v1/{name}:watch")
    assert json.loads(watched.text.splitlines()[-1])["result"]["state"] == "SUCCEEDED"
    retried = await answered(client, "POST", f"/v1/{name}/items:retry", {})
    assert retried["retriedCount"] == "1"
    await answered(client, "POST", f"/v1/{name}:wait", {})
    paused = await client.post(f"/v1/{name}:pause", json={})
    assert paused.status_code == 400
    assert (await client.post(f"/v1/{name}:cancel", json={})).status_code == 200
    assert (await client.delete(f"/v1/{name}")).status_code == 200
    assert (await client.get(f"/v1/{name}")).status_code == 404


async def test_a_schedule_is_kept_over_http(client: httpx.AsyncClient, tmp_path: Path) -> None:
    schedule = {"cron": "30 2 * * *", "source": {"files": {"uri": tmp_path.as_uri()}}}
    made = await answered(client, "POST", f"{SCHEDULES}?scheduleId=nightly", schedule)
    assert made["nextRunTime"]
    paused = await answered(client, "PATCH", f"/v1/{made['name']}", {"paused": True})
    assert "nextRunTime" not in paused
    run = await answered(client, "POST", f"/v1/{made['name']}:run", {})
    assert run["metadata"]["schedule"] == made["name"]
    assert (await client.delete(f"/v1/{made['name']}")).status_code == 200
    refused = await client.post(f"{SCHEDULES}?scheduleId=b", json={**schedule, "cron": "hourly"})
    assert refused.status_code == 400
    assert "cron" in refused.text
