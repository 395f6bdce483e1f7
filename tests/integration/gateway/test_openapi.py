"""The OpenAPI document: valid, and saying what the protos say."""

from __future__ import annotations

from typing import Any

import pytest_asyncio
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.protos.library_server import build, gateway, library


@pytest_asyncio.fixture
async def document() -> Any:
    file = build() / "library.binpb"
    security = "bearer:JWT, apikey:x-api-key"
    async with (
        library() as server,
        gateway(server.address, descriptors=file, security=security) as http,
    ):
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
    assert [parameter.get("name") for parameter in get["parameters"]] == ["shelf", "book", None]
    assert get["parameters"][2] == {"$ref": "#/components/parameters/GrpcTimeout"}
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
    assert set(search) == {"application/x-ndjson", "text/event-stream"}
    upload = document["paths"]["/v1/shelves/{shelf}/books:upload"]["post"]["requestBody"]
    assert "file of any size" in upload["description"]
    assert {"application/x-ndjson", "multipart/form-data"} < set(upload["content"])
    content = document["paths"]["/v1/shelves/{shelf}/books/{book}:content"]["get"]
    assert {"200", "206", "304", "412", "416"} < set(content["responses"])
    assert {"$ref": "#/components/parameters/Range"} in content["parameters"]
    for field, null in (("optional_int32", True), ("timestamp", True), ("text", False), ("nested", False)):
        shown = document["paths"][f"/v1/echo/{field}"]["post"]["responses"]["200"]["content"]
        assert ({"type": "null"} in shown["application/json"]["schema"].get("anyOf", [])) is null


async def test_query_parameters(document: Any) -> None:
    parameters = {p["name"]: p for p in document["paths"]["/v1/echo"]["get"]["parameters"] if "name" in p}
    assert parameters["int32List"]["schema"]["type"] == "array"
    assert parameters["nested.text"]["in"] == "query"
    assert parameters["timestamp"]["schema"]["format"] == "date-time"
    assert "nestedList" not in parameters


async def test_what_an_upload_takes_in_its_query(document: Any) -> None:
    def listed(path: str) -> dict[str, Any]:
        found = document["paths"][path]["post"]["parameters"]
        return {one["name"]: one for one in found if one.get("in") == "query"}

    whole = listed("/v1/shelves/{shelf}/books")
    assert {"bookId", "note", "book.title", "book.labels"} <= set(whole)
    assert not {"content", "parent"} & set(whole)
    assert whole["book.title"]["description"].endswith("Beside an uploaded file alone.")
    pieces = listed("/v1/shelves/{shelf}/books:upload")
    assert "start.bookId" in pieces
    assert not any(name.startswith(("chunk", "finish", "start.parent")) for name in pieces)
    assert not any(one.get("required") for one in (*whole.values(), *pieces.values()))
    assert listed("/v1/echo") == {}


async def test_maps_and_json_are_parameters(document: Any) -> None:
    parameters = {p["name"]: p for p in document["paths"]["/v1/echo"]["get"]["parameters"] if "name" in p}
    assert parameters["genreMap"] == {
        "name": "genreMap",
        "in": "query",
        "style": "deepObject",
        "explode": True,
        "schema": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Genre"}},
    }
    assert "nestedMap" not in parameters
    assert set(parameters["struct"]) == {"name", "in", "content"}
    assert parameters["byAnotherName"]["schema"] == {"type": "string"}


async def test_errors(document: Any) -> None:
    operations = document["paths"]["/v1/shelves/{shelf}/books/{book}"]
    always = {"200", "400", "401", "403", "404", "429", "431", "500", "501", "503", "504", "default"}
    assert set(operations["get"]["responses"]) == always
    assert set(operations["patch"]["responses"]) == always | {"408", "413", "415"}
    assert operations["get"]["responses"]["404"] == {
        "$ref": "#/components/responses/NotFound",
        "description": "NOT_FOUND: no such book",
    }
    shared = document["components"]["responses"]
    assert set(shared["NotFound"]["content"]) == {"application/json", "application/problem+json"}
    assert "Retry-After" in shared["TooManyRequests"]["headers"]
    status = document["components"]["schemas"]["Status"]
    kinds = [kind["title"] for kind in status["properties"]["details"]["items"]["anyOf"]]
    assert kinds[:3] == ["BadRequest", "ErrorInfo", "RetryInfo"]


async def test_real_errors_are_as_described(document: Any) -> None:
    validator, problems = schema_validator(document, "Status"), schema_validator(document, "Problem")
    async with library() as server, gateway(server.address) as http:
        for path in ("/v1/nothing", "/v1/echo?genre=99", "/v1/shelves/1/books/missing"):
            answer = await http.get(path)
            assert answer.status_code >= 400
            validator.validate(answer.json())
            answer = await http.get(path, headers={"accept": "application/problem+json"})
            assert answer.headers["content-type"] == "application/problem+json"
            problems.validate(answer.json())
        assert not validator.is_valid({"code": "x"})
        assert not validator.is_valid({"code": 1, "message": "", "details": [{}]})


async def test_security(document: Any) -> None:
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "Grpc-Metadata-X-Api-Key"},
    }
    assert document["security"] == [{"bearer": []}, {"apiKey": []}]


async def test_choices(document: Any) -> None:
    request = document["components"]["schemas"]["CreateBookRequest"]
    assert "At most one of `content`, `sourceUri` is set." in request["description"]
    validator = schema_validator(document, "CreateBookRequest")
    for value, valid in (
        ({}, True),
        ({"content": ""}, True),
        ({"sourceUri": "x"}, True),
        ({"content": "", "sourceUri": "x"}, False),
    ):
        assert validator.is_valid({"book": {"title": "T"}, **value}) is valid


async def test_a_change_requires_nothing(document: Any) -> None:
    body = document["paths"]["/v1/shelves/{shelf}/books/{book}"]["patch"]["requestBody"]["content"]
    schema = body["application/json"]["schema"]
    assert "required" not in schema
    assert "name" not in schema["properties"]


async def test_every_example_is_one(document: Any) -> None:
    named = document["components"]["schemas"]
    assert named["Book"]["examples"] == [{"name": "shelves/1/books/2", "title": "text"}]
    for name, schema in named.items():
        for example in schema.get("examples", ()):
            schema_validator(document, name).validate(example)


def schema_validator(document: Any, name: str) -> Any:
    return OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


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
