"""What a route shows of a response: the message, or the field that its rule names."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.codec import Codec, dumps


def shown(response: Message, field: FieldDescriptor | None, codec: Codec) -> bytes:
    """The JSON text of a response, or of its field where a rule has a `response_body`.

    A field that is not set is null where it can tell, and its default where it cannot. An ordinary message
    that is not set is one of defaults, as grpc-gateway has it.
    """
    if field is None:
        return codec.dumps(response)
    kind = field.message_type
    if field.has_presence and not response.HasField(field.name) and (kind is None or _is_value(kind)):
        return b"null"
    if kind is not None and not field.is_repeated:
        return codec.dumps(getattr(response, field.name))
    return dumps(codec.to_value(response).get(field.json_name))


def _is_value(kind: Descriptor) -> bool:
    """Whether a message stands for a value in JSON, so that an empty one would say what nobody said."""
    return kind.full_name.startswith("google.protobuf.") and kind.name != "Empty"
