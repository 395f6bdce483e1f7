"""What a route shows of a response: the message, or the field that its rule names."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.codec import Codec, dumps


def shown(response: Message, field: FieldDescriptor | None, codec: Codec) -> bytes:
    """The JSON text of a response, or of its field where a rule has a `response_body`."""
    if field is None:
        return codec.dumps(response)
    if field.message_type is not None and not field.is_repeated:
        return codec.dumps(getattr(response, field.name))
    return dumps(codec.to_value(response).get(field.json_name))
