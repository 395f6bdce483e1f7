"""Which fields an update changes (AIP-134, AIP-161)."""

from collections.abc import Collection, Mapping

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from orchestrator.domain.errors import FieldViolation, InvalidArgument


def masked_fields(
    resource: Message,
    mask: FieldMask | None,
    *,
    changeable: Collection[str],
    ignored: Collection[str] = ("name", "etag"),
) -> tuple[str, ...]:
    """The proto names of the top-level fields to change, in the resource's order.

    No mask: the changeable fields that are set; what else a resource that was read and is sent back bears is
    left alone. `*`: every changeable field. A path that is unknown, or names a field that cannot change,
    raises InvalidArgument with a violation a path.
    """
    if mask is None or not mask.paths:
        return tuple(field.name for field, _ in resource.ListFields() if field.name in changeable)
    every = tuple(field.name for field in resource.DESCRIPTOR.fields if field.name in changeable)
    if list(mask.paths) == ["*"]:
        return every
    known: Mapping[str, object] = resource.DESCRIPTOR.fields_by_name
    violations = []
    for index, path in enumerate(mask.paths):
        if path in changeable or path in ignored:
            continue
        if path == "*":
            why = "* stands alone"
        elif path.split(".")[0] not in known:
            why = f"{path!r} is no field of {resource.DESCRIPTOR.name}"
        elif "." in path and path.split(".")[0] in changeable:
            why = f"name {path.split('.')[0]!r} as a whole"
        else:
            why = f"{path!r} cannot be changed"
        violations.append(FieldViolation(f"update_mask.paths[{index}]", why))
    if violations:
        raise InvalidArgument(
            f"{violations[0].field}: {violations[0].description}", violations=tuple(violations)
        )
    return tuple(name for name in every if name in mask.paths)
