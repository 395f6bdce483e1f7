"""Requests are held against the rules of their protos (protovalidate)."""

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from protovalidate import Validator, Violation

from orchestrator.domain.errors import FieldViolation, InvalidArgument

LARGE_BYTES = 256 * 1024
"""Above this size a request is validated without its `bytes`: no rule that a large one can break is about
them, and the validator would copy them."""

_validator = Validator()


def validate(request: Message) -> None:
    """Raises InvalidArgument with every rule that the request breaks."""
    probe = request if request.ByteSize() <= LARGE_BYTES else without_bytes(request)
    found = _validator.collect_violations(probe)
    if found:
        violations = tuple(FieldViolation(_path(each), each.proto.message) for each in found)
        first = violations[0]
        raise InvalidArgument(
            f"{first.field}: {first.description}" if first.field else first.description,
            violations=violations,
        )


def without_bytes(request: Message) -> Message:
    """A copy whose singular `bytes` are short: present where they were, never read."""
    probe = type(request)()
    for field in request.DESCRIPTOR.fields:
        name = field.name
        if field.is_repeated:
            kind = field.message_type
            if kind is not None and not kind.GetOptions().map_entry:
                getattr(probe, name).extend(without_bytes(each) for each in getattr(request, name))
            else:
                getattr(probe, name).MergeFrom(getattr(request, name))
        elif field.has_presence and not request.HasField(name):
            continue
        elif field.type == FieldDescriptor.TYPE_BYTES:
            setattr(probe, name, b"\0")
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            getattr(probe, name).CopyFrom(without_bytes(getattr(request, name)))
        else:
            setattr(probe, name, getattr(request, name))
    return probe


def _path(violation: Violation) -> str:
    parts = []
    for element in violation.proto.field.elements if violation.proto.field else ():
        subscript = element.subscript
        parts.append(f"{element.field_name}[{subscript.value}]" if subscript else element.field_name)
    return ".".join(parts)
