"""What the official Triton image that docker-compose.yml pins can read: the bounds of graphs and engines.

Release 25.08 is Triton 2.60.0. Triton's table of ONNX Runtime versions (docs/introduction/compatibility.md)
was at 1.20.1 half a year before it, and ONNX Runtime goes on reading what it once read; its own table
(onnxruntime.ai/docs/reference/compatibility) gives 1.20 these operator sets and this version of the format.
"""

from __future__ import annotations

import os

TAG = "25.08-py3"
REPOSITORY = "nvcr.io/nvidia/tritonserver"
OPSETS = {"": 21, "ai.onnx.ml": 4}
IR_VERSION = 10


def image() -> str:
    """The image's name and tag, as docker-compose.yml makes them of `SIGHTLINE_TRITON_TAG`."""
    return f"{REPOSITORY}:{os.environ.get('SIGHTLINE_TRITON_TAG') or TAG}"


def beyond(opsets: dict[str, int], ir_version: int) -> str | None:
    """What of a graph the image does not read, in words; None where it reads all of it."""
    for domain, version in opsets.items():
        name = domain if domain != "ai.onnx" else ""
        if version > OPSETS.get(name, 0):
            most = OPSETS.get(name)
            bound = f"up to {most}" if most else "none of them"
            return f"opset {version} of {domain or 'ai.onnx'}, and {image()} reads {bound}"
    if ir_version > IR_VERSION:
        return f"IR version {ir_version}, and {image()} reads up to {IR_VERSION}"
    return None
