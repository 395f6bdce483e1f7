"""The services as one descriptor pool, with their options and comments by full name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from gateway.descriptors import DescriptorError, Files


class Described(Protocol):
    """Any descriptor: it has a full name and options."""

    full_name: str

    def GetOptions(self) -> Message:
        """The options that were set."""
        ...


class Schema:
    """Descriptors of a server, in a pool of their own: independent of generated code and of other schemas.

    Definitions come from the first of `sources` that has a file, comments from the last that has any.
    Raises DescriptorError for files that do not fit together.
    """

    def __init__(self, *sources: Files) -> None:
        self.pool = descriptor_pool.DescriptorPool()
        files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        for source in sources:
            for name, file in source.files.items():
                files.setdefault(name, file)
        known = frozenset[str]().union(*map(_symbols, files.values()))
        # The types of error details, which servers send and seldom import.
        for extra in _with_dependencies(error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR):
            if extra.name not in files and not _symbols(extra) & known:
                files[extra.name] = extra
        _fill(self.pool, files)
        self.comments: dict[str, str] = {}
        for source in sources:
            for file in source.files.values():
                self.comments.update(_comments(file))
        self.services: tuple[ServiceDescriptor, ...] = tuple(
            self.pool.FindServiceByName(name) for name in (sources[0].services if sources else ())
        )
        self._option_classes: dict[str, type[Message] | None] = {}

    def methods(self) -> Iterator[MethodDescriptor]:
        """Every method, in the order of the services and of their files."""
        for service in self.services:
            yield from service.methods

    def options(self, described: Described) -> dict[str, Any]:
        """The option extensions set on a descriptor, by the extension's full name.

        They are read with the pool's own extensions, so that no generated code need be there.
        """
        generic = described.GetOptions()
        name = generic.DESCRIPTOR.full_name
        if name not in self._option_classes:
            try:
                self._option_classes[name] = GetMessageClass(self.pool.FindMessageTypeByName(name))
            except KeyError:  # no file imports descriptor.proto: nothing here bears an extension
                self._option_classes[name] = None
        own = self._option_classes[name]
        if own is None:
            return {}
        options = own.FromString(generic.SerializeToString())
        return {field.full_name: value for field, value in options.ListFields() if field.is_extension}


def _symbols(file: descriptor_pb2.FileDescriptorProto) -> frozenset[str]:
    return frozenset(f"{file.package}.{message.name}" for message in file.message_type)


def _with_dependencies(*roots: Any) -> list[descriptor_pb2.FileDescriptorProto]:
    out: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    queue = list(roots)
    while queue:
        file = queue.pop()
        if file.name not in out:
            out[file.name] = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
            queue += file.dependencies
    return list(out.values())


def _fill(
    pool: descriptor_pool.DescriptorPool, files: Mapping[str, descriptor_pb2.FileDescriptorProto]
) -> None:
    """Adds the files, dependencies first, without recursion: the files may be hostile."""
    added: set[str] = set()
    for root in files:
        stack = [(root, iter(files[root].dependency))]
        path = {root}
        while stack:
            name, dependencies = stack[-1]
            following = next((d for d in dependencies if d not in added), None) if name not in added else None
            if following is None:
                if name not in added:
                    try:
                        pool.Add(files[name])
                    except TypeError as error:
                        raise DescriptorError(f"{name} does not fit the other files: {error}") from error
                    added.add(name)
                stack.pop()
                path.discard(name)
            elif following in path or following not in files:
                raise DescriptorError(f"{name} imports {following}, which is missing or imports it in turn")
            else:
                stack.append((following, iter(files[following].dependency)))
                path.add(following)


def _comments(file: descriptor_pb2.FileDescriptorProto) -> Iterable[tuple[str, str]]:
    """(full name, comment) of what bears a comment in a file that has its source information."""
    for location in file.source_code_info.location:
        text = location.leading_comments.strip() or location.trailing_comments.strip()
        if text and len(location.path) % 2 == 0:
            name = _name_at(file, location.path)
            if name:
                yield name, "\n".join(line.removeprefix(" ") for line in text.split("\n"))


def _name_at(file: descriptor_pb2.FileDescriptorProto, path: Any) -> str:
    """The full name of the declaration at a path of field numbers and indices, "" for what has none."""
    at: Any = file
    names = [file.package] if file.package else []
    for number, index in zip(path[::2], path[1::2], strict=True):
        field = at.DESCRIPTOR.fields_by_number.get(number)
        if field is None or field.message_type is None or not field.is_repeated:
            return ""
        items = getattr(at, field.name)
        if index >= len(items) or not hasattr(items[index], "name"):
            return ""
        at = items[index]
        names.append(at.name)  # an enum value's scope is its enum, and not, as in C++, the enum's parent
    return ".".join(names)
