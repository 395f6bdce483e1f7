"""The stand-in's HTTP server: the control plane at its root, each index below /hosts/NAME."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.fakes.pinecone import data_plane
from tests.fakes.pinecone.cloud import Cloud, Index, Refused
from tests.fakes.pinecone.contract import Breach, Contract
from tests.fakes.pinecone.data_plane import Answer
from tests.fixtures.triton import free_ports

API_KEY = "pc-test-key"
_CODES = {
    "INVALID_ARGUMENT": 3,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "RESOURCE_EXHAUSTED": 8,
    "UNAVAILABLE": 14,
}


class Server:
    """Answers as Pinecone does. `contracts`: the published documents, control and data, where they are."""

    def __init__(self, cloud: Cloud, address: str, contracts: tuple[Contract, Contract] | None) -> None:
        self._cloud, self._address = cloud, address
        self._contracts = contracts
        methods = ["GET", "POST", "PATCH", "DELETE"]
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])

    async def _answer(self, request: Request) -> Response:
        content = await request.body()
        _, hosts, *rest = request.url.path.split("/", 3)
        of_index = hosts == "hosts"
        path = f"/{rest[1]}" if of_index else request.url.path
        contract = self._contracts[of_index] if self._contracts else None
        body = json.loads(content) if content else None
        try:
            if request.headers.get("api-key") != API_KEY:
                raise Refused(401, "UNAUTHENTICATED", "Invalid API Key")
            self._throttle()
            if contract:
                query = request.query_params.multi_items()
                contract.check_request(request.method, path, request.headers, query, body)
            if of_index:
                status, answer, headers = self._of_index(request, rest[0], path, body, len(content))
            else:
                status, answer, headers = self._of_control(request.method, path, body)
        except Refused as refused:
            status, answer, headers = refused.status, _error(refused, of_index), {}
            if status in (429, 503):
                headers = {"retry-after": "0.01"}
        except Breach as breach:
            self._cloud.breaches.append(str(breach))
            told = Refused(400, "INVALID_ARGUMENT", str(breach))
            status, answer, headers = 400, _error(told, of_index), {}
        self._cloud.seen.append((request.method, path, status))
        if contract and status != 401:
            try:
                contract.check_answer(request.method, path, status, answer)
            except Breach as breach:
                self._cloud.breaches.append(f"our own answer: {breach}")
        return Response(
            b"" if status == 202 else json.dumps(answer).encode(), status, headers, "application/json"
        )

    def _throttle(self) -> None:
        weather = self._cloud.weather
        if weather.draw.random() < weather.throttled:
            if weather.draw.random() < 0.5:
                raise Refused(429, "RESOURCE_EXHAUSTED", "Too many requests")
            raise Refused(503, "UNAVAILABLE", "Service unavailable")

    def _of_control(self, method: str, path: str, body: Any) -> Answer:
        cloud, name = self._cloud, path.rpartition("/")[2]
        match method, path.count("/"):
            case "GET", 1:
                return 200, {"indexes": [self._described(each) for each in cloud.indexes.values()]}, {}
            case "POST", 1:
                if body["name"] in cloud.indexes:
                    raise Refused(409, "ALREADY_EXISTS", "Resource already exists")
                if body["spec"]["serverless"]["region"] == "nowhere":
                    raise Refused(404, "NOT_FOUND", "Resource cloud: aws region: nowhere not found")
                ready = time.monotonic() + cloud.weather.slow
                made = Index(
                    body["name"], body["dimension"], body.get("metric", "cosine"), body["spec"], ready
                )
                cloud.indexes[made.name] = made
                return 201, self._described(made), {}
            case "GET", 2:
                return 200, self._described(cloud.index(name)), {}
            case "DELETE", 2:
                cloud.index(name)
                del cloud.indexes[name]
                return 202, {}, {}
        raise Refused(404, "NOT_FOUND", path)

    def _of_index(self, request: Request, name: str, path: str, body: Any, size: int) -> Answer:
        index, weather, asked = self._cloud.index(name), self._cloud.weather, request.query_params
        if time.monotonic() < index.ready_at:
            raise Refused(503, "UNAVAILABLE", "the index is not ready")
        match request.method, path:
            case "POST", "/vectors/upsert":
                return data_plane.upsert(index, weather, body, size)
            case "POST", "/query":
                return data_plane.query(index, body)
            case "POST", "/vectors/delete":
                return data_plane.delete(index, weather, body)
            case "GET", "/vectors/fetch":
                return data_plane.fetch(index, asked.get("namespace", ""), asked.getlist("ids"))
            case "POST", "/vectors/fetch_by_metadata":
                return data_plane.fetch_by_metadata(index, body)
            case "GET", "/vectors/list":
                limit, after = int(asked.get("limit", 100)), asked.get("paginationToken")
                return data_plane.list_ids(index, asked.get("namespace", ""), limit, after)
            case "POST", "/describe_index_stats":
                return data_plane.stats(index)
            case "POST", "/namespaces":
                return data_plane.create_namespace(index, body)
            case "GET", _:
                return data_plane.describe_namespace(index, path.removeprefix("/namespaces/"))
            case "DELETE", _:
                return data_plane.delete_namespace(index, path.removeprefix("/namespaces/"))
        raise Refused(404, "NOT_FOUND", path)

    def _described(self, index: Index) -> dict[str, Any]:
        ready = time.monotonic() >= index.ready_at
        capacity = {"mode": "OnDemand", "status": {"state": "Ready"}}
        return {
            "name": index.name,
            "dimension": index.dimension,
            "metric": index.metric,
            "host": f"{self._address}/hosts/{index.name}",
            "vector_type": "dense",
            "deletion_protection": "disabled",
            "spec": {"serverless": {**index.spec["serverless"], "read_capacity": capacity}},
            "status": {"ready": ready, "state": "Ready" if ready else "Initializing"},
        }


def _error(refused: Refused, of_index: bool) -> dict[str, Any]:
    if of_index:
        return {"code": _CODES.get(refused.code, 2), "message": refused.message, "details": []}
    return {"status": refused.status, "error": {"code": refused.code, "message": refused.message}}


@contextmanager
def running_pinecone(cloud: Cloud, contracts: Path | None = None) -> Iterator[str]:
    """The stand-in on a free port, in a thread; its address. Raises AssertionError at the end where a request
    or an answer broke the contract; `contracts` is the folder of the published documents."""
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    held = (Contract(contracts, "db_control"), Contract(contracts, "db_data")) if contracts else None
    config = uvicorn.Config(
        Server(cloud, address, held).app, host="127.0.0.1", port=port, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=30)
    assert cloud.breaches == []
