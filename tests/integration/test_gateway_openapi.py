"""The OpenAPI document: valid, and saying what the protos say."""

from __future__ import annotations

from typing import Any

import pytest_asyncio
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.protos.library_server import build, gateway, library


@pytest_asyncio.fixture
async def document() -> Any:
    file = build() / "library.binpb"
    async with library() as server, gateway(server.address, descriptors=file) as http:
        answer = await http.get("/openapi.json")
        assert answer.status_code == 200
        return answer.json()


async def test_it_is_valid(document: Any) -> None:
    OpenAPIV31SpecValidator(document).validate()
    identities = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert len(set(identities)) == len(identities)


async def test_paths_are_spelt_out(document: Any) -> None:
    assert set(document["paths"]["/v1/shelves/{shelf}/books/{book}"]) == {"get", "patch", "delete"}
    get = document["paths"]["/v1/shelves/{shelf}/books/{book}"]["get"]
    assert [parameter["name"] for parameter in get["parameters"]] == ["shelf", "book"]
    assert get["tags"] == ["Library"]
    assert get["summary"] == "Gets a book"
    assert "Its name says on which shelf." in get["description"]
    assert "404" in get["responses"]
    assert document["tags"] == [{"name": "Library", "description": "Keeps books on shelves."}]
    assert "/v1/shelves/{shelf}/books/{book}:content" in document["paths"]
    assert document["info"] == {"title": "library.v1", "version": "v1"}


async def test_bodies(document: Any) -> None:
    body = document["paths"]["/v1/shelves/{shelf}/books"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data", "image/*", "application/epub+zip"}
    assert "parent" not in body["application/json"]["schema"]["properties"]
    assert set(body["multipart/form-data"]["schema"]["properties"]) == {"file", "book", "request", "note"}
    search = document["paths"]["/v1/shelves/{shelf}:search"]["post"]["responses"]["200"]["content"]
    assert set(search) == {"application/x-ndjson"}


async def test_query_parameters(document: Any) -> None:
    parameters = {p["name"]: p for p in document["paths"]["/v1/echo"]["get"]["parameters"]}
    assert parameters["int32List"]["schema"]["type"] == "array"
    assert parameters["nested.text"]["in"] == "query"
    assert parameters["timestamp"]["schema"]["format"] == "date-time"
    assert "nestedList" not in parameters


async def test_schemas(document: Any) -> None:
    schemas = document["components"]["schemas"]
    book = schemas["Book"]
    assert book["description"] == "A book."
    assert book["required"] == ["title"]
    assert book["properties"]["name"]["readOnly"] is True
    assert book["properties"]["name"]["examples"] == ["shelves/1/books/2"]
    title = book["properties"]["title"]
    assert (title["minLength"], title["maxLength"]) == (1, 200)
    assert book["properties"]["labels"]["maxItems"] == 5
    assert book["properties"]["size"] == {"type": "string", "format": "int64"}
    born = schemas["Author"]["properties"]["born"]
    assert (born["minimum"], born["maximum"]) == (1, 3000)
    assert schemas["Genre"]["enum"] == ["GENRE_UNSPECIFIED", "FICTION", "ESSAY"]
    assert "`FICTION`: Invented." in schemas["Genre"]["description"]
    everything = schemas["Everything"]["properties"]
    assert everything["int64Wrapper"]["type"] == ["string", "null"]
    assert everything["nestedMap"]["additionalProperties"] == {"$ref": "#/components/schemas/Nested"}


async def test_it_is_valid_without_comments() -> None:
    async with library() as server, gateway(server.address) as http:
        document = (await http.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    assert "description" not in document["components"]["schemas"]["Book"]
