"""Filters (AIP-160): the text that callers write becomes the typed filter that every engine translates."""

import difflib
import re
from datetime import UTC, datetime
from functools import cache
from math import isfinite
from typing import NoReturn, cast

from lark import Lark, Token, Transformer, UnexpectedEOF, UnexpectedInput, v_args
from lark.exceptions import VisitError

from orchestrator.domain.attributes import NUMBERS, TEXTS, TIMESTAMPS
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import And, Comparison, Filter, Matches, Not, Operator, Or, Present, Value

MAX_LENGTH = 4096
MAX_DEPTH = 32
MAX_TERMS = 128

# In AIP-160 OR binds tighter than AND, and terms that stand side by side are joined by AND.
_GRAMMAR = r"""
    ?start: expression
    expression: sequence (_AND sequence)*
    sequence: factor+
    factor: term (_OR term)*
    ?term: (_NOT | _MINUS) simple -> negation
         | simple
    ?simple: _LPAR expression _RPAR
           | FIELD COMPARATOR (STRING | LITERAL) -> restriction

    COMPARATOR: "<=" | "<" | ">=" | ">" | "!=" | "=" | ":"
    STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
    LITERAL: /\d{4}-\d\d-\d\d[Tt][\d:.]+([Zz]|[+-]\d\d:\d\d)?|(?!(AND|OR|NOT)\b)[^\s()"'<>=!:,]+/
    FIELD.-1: /[^\s()"'<>=!:,.-][^\s()"'<>=!:,.]*(\.([^\s()"'<>=!:,.]+|"(\\.|[^"\\])+"))*/
    _AND.2: /AND(?=[\s("-])/
    _OR.2: /OR(?=[\s("-])/
    _NOT.2: /NOT(?=[\s("-])/
    _MINUS: "-"
    _LPAR: "("
    _RPAR: ")"
    %ignore /\s+/
"""

_FREE_TEXTS = frozenset({"display_name", "source_uri", "caption", "content", "exif.camera", "exif.lens"})
_GROUPS = {"exif": "exif.orientation", "exif.gps": "exif.gps.latitude"}
_ORDERED = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE})
_BOOLEANS = {"true": True, "false": False}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse_filter(text: str, field: str = "filter") -> Filter | None:
    """Parses an AIP-160 filter over the attributes of `domain.attributes`; None when it is blank.

    `folder = "a"` finds what lies below it too. `:` means has: a word in a free text, an item of a list, any
    value at all with `*`. A text ending in `*` is a prefix; `\\*` is an asterisk. `= ""` finds the missing.
    `!=` becomes NOT =, so that it holds for a missing value and for a list without the item.
    Raises InvalidArgument, naming `field` and the position (1-based, in characters).
    """
    if not text.strip():
        return None
    _check_limits(text, field)
    try:
        parsed = cast(Filter, _parser().parse(text))
    except VisitError as error:
        if isinstance(error.orig_exc, _Problem):
            raise InvalidArgument.field(field, str(error.orig_exc)) from error
        raise
    except _Problem as error:
        raise InvalidArgument.field(field, str(error)) from error
    except UnexpectedEOF as error:
        raise InvalidArgument.field(field, f"at character {len(text) + 1}: {_HINT}") from error
    except UnexpectedInput as error:
        at = error.pos_in_stream
        end = at is None or at < 0 or getattr(getattr(error, "token", None), "type", "") == "$END"
        position = len(text) if end or at is None else at
        raise InvalidArgument.field(field, f"at character {position + 1}: {_HINT}") from error
    if _terms(parsed) > MAX_TERMS:
        raise InvalidArgument.field(field, f"has more than {MAX_TERMS} terms")
    return parsed


_HINT = 'expected terms such as FIELD = "VALUE", joined by AND, OR, NOT and parentheses'


class _Problem(Exception):
    def __init__(self, token: Token, description: str) -> None:
        super().__init__(f"at character {(token.start_pos or 0) + 1}: {description}")


def _check_limits(text: str, field: str) -> None:
    if len(text) > MAX_LENGTH:
        raise InvalidArgument.field(field, f"is longer than {MAX_LENGTH:,} characters")
    bare = re.sub(r"\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])*'", "", text, flags=re.DOTALL)
    depth = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if depth > MAX_DEPTH:
            raise InvalidArgument.field(field, f"nests parentheses deeper than {MAX_DEPTH}")


def _terms(parsed: Filter) -> int:
    if isinstance(parsed, Not):
        return _terms(parsed.operand)
    return sum(map(_terms, parsed.operands)) if isinstance(parsed, And | Or) else 1


@v_args(inline=True)
class _ToFilter(Transformer[Token, Filter]):
    def expression(self, *operands: Filter) -> Filter:
        return _join(And, operands)

    sequence = expression

    def factor(self, *operands: Filter) -> Filter:
        return _join(Or, operands)

    def negation(self, operand: Filter) -> Filter:
        return operand.operand if isinstance(operand, Not) else Not(operand)

    def restriction(self, field: Token, comparator: Token, literal: Token) -> Filter:
        return _restriction(field, comparator, literal)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", transformer=_ToFilter())


def _join(kind: type[And] | type[Or], operands: tuple[Filter, ...]) -> Filter:
    flat: list[Filter] = []
    for operand in operands:
        flat.extend(operand.operands if isinstance(operand, kind) else (operand,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _restriction(field: Token, comparator: Token, literal: Token) -> Filter:
    name = _field_name(field)
    if comparator == ":" and literal == "*":
        return Present(_GROUPS.get(name, name))
    if name in _GROUPS:
        raise _Problem(field, f"{name} has no value of its own; only {name}:* asks for it")
    if comparator == "!=":
        found = _compare(name, Operator.EQ, literal, comparator)
        return found.operand if isinstance(found, Not) else Not(found)
    return _compare(
        name, Operator.EQ if comparator == ":" else Operator(comparator.value), literal, comparator
    )


def _compare(name: str, operator: Operator, literal: Token, comparator: Token) -> Filter:
    if name in TIMESTAMPS:
        return Comparison(name, operator, _timestamp(literal))
    if name in NUMBERS:
        return Comparison(name, operator, _number(literal, name))
    if name not in TEXTS and literal.type == "LITERAL":
        value = _typed(literal)
        if not isinstance(value, str):
            if isinstance(value, bool) and operator in _ORDERED:
                raise _Problem(comparator, f"{comparator} needs a number")
            return Comparison(name, operator, value)
    if operator in _ORDERED:
        wanted = "a number" if name.startswith("metadata.") else "a number or time, and it is a text"
        raise _Problem(comparator, f"{name} {comparator} needs {wanted}; texts compare by =, != and :")
    return _text_filter(name, literal, has=comparator == ":")


def _text_filter(name: str, literal: Token, has: bool) -> Filter:
    text, prefix = _unquote(literal)
    if name == "folder" and not prefix:
        text = text.strip("/")
    if prefix:
        return Matches(name, text, prefix=True) if text else Present(name)
    if not text:
        return Not(Present(name))
    if has and (name in _FREE_TEXTS or name.startswith("metadata.")):
        return Matches(name, text)
    return Comparison(name, Operator.EQ, text)


def _field_name(token: Token) -> str:
    parts = re.findall(r"\"((?:\\.|[^\"\\])+)\"|([^.\"]+)", str(token))
    name = ".".join(re.sub(r"\\(.)", r"\1", quoted) or plain for quoted, plain in parts)
    known = TEXTS | NUMBERS | TIMESTAMPS
    if name in known or name in _GROUPS or (name.startswith("metadata.") and len(parts) > 1):
        return name
    near = difflib.get_close_matches(name, known, n=1)
    unknown = f"{name!r} is no field of an image or a text"
    raise _Problem(token, f"{unknown}; did you mean {near[0]!r}?" if near else unknown)


def _unquote(token: Token) -> tuple[str, bool]:
    raw = token[1:-1] if token.type == "STRING" else str(token)
    out: list[str] = []
    prefix = False
    pieces = re.findall(r"\\(.)|(.)", raw, flags=re.DOTALL)
    for place, (escaped, plain) in enumerate(pieces):
        if plain == "*":
            if place != len(pieces) - 1:
                raise _Problem(token, r"an asterisk stands only at a text's end; \* is an asterisk itself")
            prefix = True
        else:
            out.append(plain or _ESCAPES.get(escaped, escaped))
    text = "".join(out)
    if "\0" in text:
        raise _Problem(token, "a text holds no NUL character")
    return text, prefix


def _typed(token: Token) -> Value:
    if token in _BOOLEANS:
        return _BOOLEANS[token]
    try:
        number = float(token)
    except ValueError:
        return str(token)
    return number if isfinite(number) and not re.search(r"[_a-df-zA-DF-Z]", token) else str(token)


def _number(token: Token, name: str) -> float:
    value = _typed(token) if token.type == "LITERAL" else None
    if isinstance(value, bool) or not isinstance(value, float):
        _refuse(token, f"{name} compares with a number, such as 1200 or 2.8")
    return value


def _timestamp(token: Token) -> float:
    text = token[1:-1] if token.type == "STRING" else str(token)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        _refuse(token, 'a time is written as in RFC 3339: "2026-01-31T12:00:00Z"')


def _refuse(token: Token, description: str) -> NoReturn:
    raise _Problem(token, description)
