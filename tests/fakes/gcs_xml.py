"""What fake-gcs-server lacks of GCS's XML API, before its JSON API: puts, multipart uploads, pages."""

import itertools
from collections import defaultdict
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PASSED_BACK = ("content-type", "content-range", "etag", "last-modified", "x-goog-generation")


class XmlApi:
    """An ASGI application: objects at `/bucket/key`, lists at `/bucket?list-type=2`, as Google documents."""

    def __init__(self, upstream: str) -> None:
        self._upstream = httpx.AsyncClient(base_url=upstream, timeout=60)
        self._uploads: dict[str, dict[int, bytes]] = defaultdict(dict)
        self._ids = itertools.count(1)
        self.uploads_begun = 0
        self.pages = 0
        methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
        self.app = Starlette(
            routes=[
                Route("/{bucket}", self._list, methods=["GET"]),
                Route("/{bucket}/{key:path}", self._object, methods=methods),
            ]
        )

    async def close(self) -> None:
        await self._upstream.aclose()

    async def _list(self, request: Request) -> Response:
        given, bucket = request.query_params, request.path_params["bucket"]
        asked = {"prefix": given.get("prefix", ""), "maxResults": given.get("max-keys", "1000")}
        if token := given.get("continuation-token"):
            asked["pageToken"] = token
        answer = await self._upstream.get(f"/storage/v1/b/{bucket}/o", params=asked)
        if answer.status_code != 200:
            return _error(answer.status_code, "NoSuchBucket")
        self.pages += 1
        found = answer.json()
        root = ElementTree.Element("ListBucketResult")
        for item in found.get("items", []):
            contents = ElementTree.SubElement(root, "Contents")
            for tag, value in (
                ("Key", item["name"]),
                ("LastModified", item["updated"]),
                ("Size", item["size"]),
                ("ETag", item["etag"]),
            ):
                ElementTree.SubElement(contents, tag).text = value
        if next_token := found.get("nextPageToken"):
            ElementTree.SubElement(root, "NextContinuationToken").text = next_token
        return _xml(root)

    async def _object(self, request: Request) -> Response:
        bucket, key, given = request.path_params["bucket"], request.path_params["key"], request.query_params
        if not key:
            return await self._list(request)
        upload = given.get("uploadId", "")
        match request.method:
            case "POST" if "uploads" in given:
                self.uploads_begun += 1
                root = ElementTree.Element("InitiateMultipartUploadResult")
                ElementTree.SubElement(root, "UploadId").text = str(next(self._ids))
                return _xml(root)
            case "PUT" if upload:
                self._uploads[upload][int(given["partNumber"])] = await request.body()
                return Response(headers={"ETag": f'"{upload}-{given["partNumber"]}"'})
            case "POST" if upload:
                parts = self._uploads.pop(upload)
                numbers = [
                    int(each.text or "")
                    for each in ElementTree.fromstring(await request.body()).iter()
                    if each.tag.endswith("PartNumber")
                ]
                made = await self._insert(request, b"".join(parts[number] for number in numbers))
                root = ElementTree.Element("CompleteMultipartUploadResult")
                ElementTree.SubElement(root, "ETag").text = made.headers.get("etag")
                return _xml(root) if made.status_code == 200 else made
            case "DELETE" if upload:
                self._uploads.pop(upload, None)
                return Response(status_code=204)
            case "PUT":
                return await self._insert(request, await request.body())
        place = f"/{bucket}/{quote(key, safe='')}"
        if request.method == "DELETE":
            place = f"/storage/v1/b/{bucket}/o/{quote(key, safe='')}"
        headers = {name: request.headers[name] for name in ("range",) if name in request.headers}
        answer = await self._upstream.request(request.method, place, headers=headers)
        if answer.status_code >= 400:
            return _error(answer.status_code, "NoSuchKey")
        kept = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
        if request.method == "HEAD":
            kept["content-length"] = answer.headers["content-length"]
        return Response(answer.content, status_code=answer.status_code, headers=kept)

    async def _insert(self, request: Request, content: bytes) -> Response:
        bucket, key = request.path_params["bucket"], request.path_params["key"]
        answer = await self._upstream.post(
            f"/upload/storage/v1/b/{bucket}/o",
            params={"uploadType": "media", "name": key},
            content=content,
            headers={"content-type": request.headers.get("content-type", "application/octet-stream")},
        )
        if answer.status_code != 200:
            return _error(answer.status_code, "NoSuchBucket")
        made = answer.json()
        return Response(headers={"ETag": made["etag"], "x-goog-generation": made["generation"]})


def _xml(root: ElementTree.Element) -> Response:
    return Response(ElementTree.tostring(root, xml_declaration=True), media_type="application/xml")


def _error(status: int, code: str) -> Response:
    root = ElementTree.Element("Error")
    ElementTree.SubElement(root, "Code").text = code
    return Response(ElementTree.tostring(root), status_code=status, media_type="application/xml")
