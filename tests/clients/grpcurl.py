"""Calls by grpcurl: over reflection, but at the stub server, which has none."""

import base64
import itertools
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.clients.failed import Failed
from tests.clients.toolchain import ROOT

Json = dict[str, Any]
GRPCURL = str(ROOT / "protos" / ".tools" / "bin" / "grpcurl")
DESCRIPTORS = str(ROOT / "clients" / "python" / "sightline" / "v1" / "descriptors.binpb")
SERVICES = {"Search": "SearchService", "SegmentImage": "SegmentationService"}
CHUNK_BYTES = 64 * 1024


class Grpcurl:
    """The orchestrator at SIGHTLINE_TARGET."""

    def __init__(self) -> None:
        self._target = os.environ["SIGHTLINE_TARGET"]

    def health(self, service: str) -> str:
        """What a watch answers first."""
        watch = [GRPCURL, "-plaintext", "-d", json.dumps({"service": service}), self._target]
        command = [*watch, "grpc.health.v1.Health/Watch"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            answer = ""
            for line in process.stdout:
                answer += line
                if line.startswith("}"):
                    break
            process.kill()
        return str(json.loads(answer)["status"])

    def create(self, picture: Path, request: Json) -> Json:
        """One message, the file in it."""
        content = base64.b64encode(picture.read_bytes()).decode()
        return self._json(self.command("CreateImage", {}), {**request, "content": content})

    def upload(self, picture: Path, request: Json) -> Json:
        """Many messages, the file in chunks."""

        def parts() -> Iterator[Json]:
            yield {"start": request}
            content = picture.read_bytes()
            for offset in range(0, len(content), CHUNK_BYTES):
                yield {"chunk": base64.b64encode(content[offset : offset + CHUNK_BYTES]).decode()}
            yield {"finish": {}}

        return self._json(self.command("UploadImage", {}), *parts())

    def bulk(self, parent: str, pictures: Sequence[Path]) -> list[Json]:
        """All of them over one stream; an answer an item."""

        def item(index: int, picture: Path) -> Json:
            content = base64.b64encode(picture.read_bytes()).decode()
            request = {"parent": parent, "imageId": picture.stem, "content": content}
            return {"index": index, "request": request}

        said = self._run(self.command("BulkCreateImages", {}), *itertools.starmap(item, enumerate(pictures)))
        return [json.loads(f"{answer}}}") for answer in said.removesuffix("\n}\n").split("\n}\n")]

    def call(self, method: str, request: Json, *, request_id: str = "") -> Json:
        """A unary call."""
        return self._json(self.command(method, {}, request_id=request_id), request)

    def command(self, method: str, request: Json, *, request_id: str = "") -> list[str]:
        """The command that calls a method; without a request it reads messages from its input."""
        tag = ["-rpc-header", f"x-request-id: {request_id}"] if request_id else []
        full = f"sightline.v1.{SERVICES.get(method, 'ImageService')}/{method}"
        data = json.dumps(request) if request else "@"
        options = ["-plaintext", "-emit-defaults", "-format-error", "-max-msg-sz", str(64 << 20)]
        return [GRPCURL, *options, *tag, "-d", data, self._target, full]

    def content(self, name: str) -> tuple[str, bytes]:
        """A file's type and bytes. Google's own descriptors bear no JSON names: fields go by the proto's."""
        body = self.call("GetImageContent", {"name": name})
        return body["content_type"], base64.b64decode(body["data"])

    def collection_over_tls(self) -> str:
        """The name that the stub server behind TLS answers."""
        trust = ["-cacert", os.environ["SIGHTLINE_TLS_CA"], "-protoset", DESCRIPTORS]
        method = "sightline.v1.CollectionService/GetCollection"
        command = [GRPCURL, *trust, "-d", "@", os.environ["SIGHTLINE_TLS_TARGET"], method]
        return str(self._json(command, {"name": "collections/default"})["name"])

    def code_of_a_stranger(self) -> str:
        """What becomes of a call of that server whose authority the system does not trust."""
        method = "sightline.v1.CollectionService/GetCollection"
        command = [GRPCURL, "-protoset", DESCRIPTORS, os.environ["SIGHTLINE_TLS_TARGET"], method]
        done = subprocess.run(command, capture_output=True, text=True)
        return "UNAVAILABLE" if done.returncode and "unknown authority" in done.stderr else done.stderr

    def _json(self, command: list[str], *messages: Json) -> Json:
        answer: Json = json.loads(self._run(command, *messages))
        return answer

    def _run(self, command: list[str], *messages: Json) -> str:
        given = "\n".join(map(json.dumps, messages))
        done = subprocess.run(command, input=given, capture_output=True, text=True)
        if done.returncode:
            raise Failed(json.loads(done.stderr[done.stderr.index("{") :]))
        return done.stdout
