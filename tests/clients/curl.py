"""Calls by curl, over the HTTP gateway's routes."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.clients.failed import Failed

Json = dict[str, Any]


class Curl:
    """The gateway at SIGHTLINE_URL."""

    def __init__(self) -> None:
        self._url = os.environ["SIGHTLINE_URL"]

    def health(self, service: str) -> str:
        """The readiness that load balancers ask for."""
        return str(self._json(f"{self._url}/readyz?service={service}")["status"])

    def create(self, picture: Path, request: Json) -> Json:
        """A form with the file and, as JSON, what goes with it."""
        url = f"{self._url}/v1/{request['parent']}/images?imageId={request['imageId']}"
        image = f"image={json.dumps(request['image'])};type=application/json"
        return self._json("--form", f"file=@{picture}", "--form", image, url)

    def upload(self, picture: Path, request: Json) -> Json:
        """The bare file, passed on as it comes."""
        url = f"{self._url}/v1/{request['parent']}/images:upload?start.imageId={request['imageId']}"
        return self._json("--header", "Content-Type: image/bmp", "--data-binary", f"@{picture}", url)

    def call(self, method: str, request: Json, *, milliseconds: int = 0, request_id: str = "") -> Json:
        """A call by its route."""
        hurry = ["--header", f"Grpc-Timeout: {milliseconds}m"] if milliseconds else []
        return self._json(*hurry, *self.command(method, request, request_id=request_id)[1:])

    def command(self, method: str, request: Json, *, request_id: str) -> list[str]:
        """The command that calls a method."""
        tag = ["--header", f"X-Request-Id: {request_id}"] if request_id else []
        rest = dict(request)
        if method in ("Search", "SegmentImage"):
            path = f"{rest.pop('parent')}:search" if method == "Search" else f"{rest.pop('name')}:segment"
            body = ["--header", "Content-Type: application/json", "--data", json.dumps(rest)]
            return ["curl", *tag, *body, f"{self._url}/v1/{path}"]
        path = f"{rest.pop('parent')}/images" if method == "ListImages" else rest.pop("name")
        return ["curl", *tag, f"{self._url}/v1/{path}?{urlencode(rest)}"]

    def content(self, name: str) -> tuple[str, bytes]:
        """A file's type and bytes."""
        command = ["curl", "--silent", "--write-out", "%{stderr}%{content_type}"]
        url = f"{self._url}/v1/{name}:content"
        done = subprocess.run([*command, url], check=True, capture_output=True)
        return done.stderr.decode(), done.stdout

    def _json(self, *arguments: str) -> Json:
        status = ["--silent", "--show-error", "--write-out", "%{stderr}%{http_code}"]
        done = subprocess.run(["curl", *status, *arguments], check=True, capture_output=True)
        answer: Json = json.loads(done.stdout)
        if done.stderr != b"200":
            raise Failed(answer)
        return answer
