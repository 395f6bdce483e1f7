"""proto3 JSON, in both directions. The only module that knows which library does it."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from gateway.faults import faults

_UNKNOWN_FIELD = re.compile(
    r'Message type "[\w.]+" has no field named "(?P<name>.*?)" at "(?P<path>[^"]*)"', re.S
)
_MAX_DEPTH = 100


class JsonError(ValueError):
    """JSON that is not the message it should be. `field` is the path of what was wrong, "" for the whole."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}" if field else why)
        self.field = field
        self.why = why


class Codec:
    """Reads and writes the messages of one descriptor pool; `Any` is resolved in that pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool

    def merge(self, value: Any, message: Message) -> None:
        """Merges a JSON value, as `loads` gives it, into a message.

        Raises JsonError for unknown fields, unknown enum names and values of the wrong type, with their path.
        """
        descriptor: Any = message.DESCRIPTOR
        _check_shape(value, descriptor, "")
        try:
            json_format.ParseDict(value, message, descriptor_pool=self._pool, max_recursion_depth=_MAX_DEPTH)
        except json_format.ParseError as error:
            raise _json_error(error, value, descriptor) from error
        except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as error:
            # json_format lets these through for values of the wrong shape (a list for an Any).
            shape = ("", f"the JSON does not have the shape of {descriptor.full_name}")
            raise JsonError(*next(faults(value, descriptor), shape)) from error

    def to_value(self, message: Message) -> Any:
        """The JSON value of a message: camelCase, fields without presence printed even when empty."""
        return json_format.MessageToDict(
            message, always_print_fields_with_no_presence=True, descriptor_pool=self._pool
        )

    def dumps(self, message: Message) -> bytes:
        """The JSON text of a message, UTF-8, on one line."""
        return dumps(self.to_value(message))

    def any_to_value(self, type_url: str, data: bytes) -> Any:
        """The JSON value of a packed `Any`; of a type that is not known here, its bytes as base64."""
        try:
            descriptor = self._pool.FindMessageTypeByName(type_url.rpartition("/")[2])
            value = self.to_value(GetMessageClass(descriptor).FromString(data))
        except (KeyError, DecodeError, TypeError, json_format.Error):
            return {"@type": type_url, "value": base64.b64encode(data).decode()}
        return {"@type": type_url, **(value if isinstance(value, dict) else {"value": value})}


def loads(text: bytes | bytearray) -> Any:
    """Parses JSON text. Raises JsonError for anything but UTF-8, for NaN, and for a key that comes twice."""
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise JsonError("", "the JSON is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise JsonError("", f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise JsonError("", "the JSON is nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:  # an integer of more digits than Python converts
        raise JsonError("", "the JSON holds a number that is too long") from error


def dumps(value: Any) -> bytes:
    """The JSON text of a value: UTF-8, on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _check_shape(value: Any, descriptor: Any, path: str, depth: int = 0) -> None:
    """Refuses an empty list or string for an object: json_format takes them for an empty message."""
    if depth > _MAX_DEPTH or descriptor.full_name.startswith("google.protobuf."):
        return
    if not isinstance(value, dict):
        raise JsonError(path, "must be an object")
    for name, inner in value.items():
        if not isinstance(inner, (dict, list, str)):
            continue
        field = descriptor.fields_by_camelcase_name.get(name) or descriptor.fields_by_name.get(name)
        if field is None or field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        below = f"{path}.{name}" if path else name
        if not field.is_repeated:
            _check_shape(inner, field.message_type, below, depth + 1)
        elif isinstance(inner, list):
            for index, item in enumerate(inner):
                _check_shape(item, field.message_type, f"{below}[{index}]", depth + 1)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise JsonError(twice, "the key comes twice")
    return out


def _no_constant(name: str) -> Any:
    raise JsonError("", f'{name} is not JSON; send "{name}" as a string')


def _json_error(error: json_format.ParseError, value: Any, descriptor: Descriptor) -> JsonError:
    """Makes json_format's error one with a path from the request's root, and a sentence."""
    text = str(error)
    unknown = _UNKNOWN_FIELD.search(text)
    if unknown:
        return JsonError(_below_root(f"{unknown['path']}.{unknown['name']}"), "there is no such field")
    fault = next(faults(value, descriptor), None)
    if fault is not None:
        return JsonError(*fault)
    why = re.sub(r"^(?:Failed to parse \S+ field: )+", "", text).rstrip(".")
    found = re.search(r"^(.*) at ([A-Za-z_][\w.\[\]]*)$", why, re.S)
    if found:
        return JsonError(_below_root(found[2]), found[1][:300])
    path = ".".join(re.findall(r"Failed to parse (\S+) field: ", text[: len(text.rstrip(".")) - len(why)]))
    return JsonError(path, why[:300] if _own_words(error) else "not a value of this field")


def _own_words(error: BaseException) -> bool:
    """Whether json_format worded the error itself, and does not pass on what Python said."""
    while error.__cause__ is not None:
        error = error.__cause__
    return isinstance(error, json_format.Error)


def _below_root(path: str) -> str:
    return path.partition(".")[2]
