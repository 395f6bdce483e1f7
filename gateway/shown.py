"""What a route shows of a response: the message, or the field that its rule names."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor
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
    if may_be_null(field) and not response.HasField(field.name):
        return b"null"
    if kind is not None and not field.is_repeated:
        return codec.dumps(getattr(response, field.name))
    return dumps(codec.to_value(response).get(field.json_name))


def may_be_null(field: FieldDescriptor) -> bool:
    """Whether a `response_body` of the field is null where it is not set.

    It tells whether it is set, and stands for a value in JSON: an empty one would say what nobody said.
    """
    kind = field.message_type
    is_value = kind is None or (kind.full_name.startswith("google.protobuf.") and kind.name != "Empty")
    return bool(field.has_presence and is_value)
