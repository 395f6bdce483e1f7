"""The update_mask of a PATCH that gives none: what its body names, as grpc-gateway infers it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway import fields
from gateway.routes import Route


def infer(route: Route, message: Message, value: Any) -> None:
    """Fills the mask of a request, if it is empty, from the JSON `value` of its body.

    The leaves of the body's objects make the paths, in order: scalars, lists, maps, well-known types, null,
    and `{}`, which stands for a whole message. What the URL's path binds names the resource, and is no part
    of the change.
    """
    mask, body = route.update_mask, route.body
    if mask is None or body is None or body.message_type is None or message.HasField(mask.name):
        return
    bound = {".".join(field.name for field in path[1:]) for path in route.bound if path[0] == body}
    paths = sorted(set(_paths(value, body.message_type)) - bound)
    getattr(message, mask.name).paths.extend(paths)


def _paths(value: Any, descriptor: Descriptor, prefix: str = "") -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        found = fields.resolve(descriptor, [name])[0]
        path = prefix + found.name
        kind = found.message_type
        if (
            kind is not None
            and not found.is_repeated
            and not kind.full_name.startswith("google.protobuf.")
            and isinstance(inner, dict)
            and inner
        ):
            yield from _paths(inner, kind, path + ".")
        else:
            yield path
