"""The filter language of AIP-160, typed by the attributes of an image."""

import pytest

from orchestrator.application.filters import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse_filter
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import And, Comparison, Filter, Matches, Not, Operator, Or, Present

WIDE = Comparison("width", Operator.GE, 300.0)
STREET = Comparison("folder", Operator.EQ, "street")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('folder = "street"', STREET),
        ('folder: "street/"', STREET),
        ("folder = /street/", STREET),
        ("width >= 300", WIDE),
        ("-width>=300", Not(WIDE)),
        ("NOT (width >= 300)", Not(WIDE)),
        ("width = -3.5e2", Comparison("width", Operator.EQ, -350.0)),
        ('labels:"cat"', Comparison("labels", Operator.EQ, "cat")),
        ('labels:"ca*"', Matches("labels", "ca", prefix=True)),
        ('caption:"Red Car"', Matches("caption", "Red Car")),
        ('caption = "Red*"', Matches("caption", "Red", prefix=True)),
        (r'caption = "5\* \"inn\" C:\\"', Comparison("caption", Operator.EQ, '5* "inn" C:\\')),
        ("caption = 'single'", Comparison("caption", Operator.EQ, "single")),
        ("caption:*", Present("caption")),
        ('caption = ""', Not(Present("caption"))),
        ('caption != ""', Present("caption")),
        ('caption != "x"', Not(Comparison("caption", Operator.EQ, "x"))),
        ("exif.gps:*", Present("exif.gps.latitude")),
        ("display_name = cat.jpg", Comparison("display_name", Operator.EQ, "cat.jpg")),
        ("display_name = 2026", Comparison("display_name", Operator.EQ, "2026")),
        ("metadata.a.b = 4", Comparison("metadata.a.b", Operator.EQ, 4.0)),
        ('metadata.a = "4"', Comparison("metadata.a", Operator.EQ, "4")),
        ("metadata.a = true", Comparison("metadata.a", Operator.EQ, True)),
        ('metadata."odd key" = ORANGE', Comparison("metadata.odd key", Operator.EQ, "ORANGE")),
        ("create_time < 1970-01-01T01:00:00+01:00", Comparison("create_time", Operator.LT, 0.0)),
        ('exif.taken_time > "1970-01-02"', Comparison("exif.taken_time", Operator.GT, 86400.0)),
    ],
)
def test_terms(text: str, expected: Filter) -> None:
    assert parse_filter(text) == expected


def test_or_binds_tighter_than_and_and_side_by_side_means_and() -> None:
    a, b, c = (Comparison("width", Operator.EQ, float(n)) for n in (1, 2, 3))
    assert parse_filter("width=1 AND width=2 OR width=3") == And((a, Or((b, c))))
    assert parse_filter("width=1 width=2 OR width=3") == And((a, Or((b, c))))
    assert parse_filter("(width=1 AND width=2) OR width=3") == Or((And((a, b)), c))
    assert parse_filter("width=1 AND(width=2 AND width=3)") == And((a, b, c))


@pytest.mark.parametrize("text", ["", "  \n"])
def test_blank_is_no_filter(text: str) -> None:
    assert parse_filter(text) is None


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("foldr = a", 1, "did you mean 'folder'"),
        ("width = 1 AND nothing = 2", 15, "no field of an image"),
        ('width = "wide"', 9, "a number"),
        ("width = nan", 9, "a number"),
        ('caption < "b"', 9, "it is a text"),
        ("metadata.x < true", 12, "needs a number"),
        ("create_time = yesterday", 15, "RFC 3339"),
        ("create_time = 2026-13-01T00:00:00Z", 15, "RFC 3339"),
        ('caption = "a*b"', 11, "only at a text's end"),
        ("(width = 1", 11, "expected"),
        ("width = 1)", 10, "expected"),
        ("width =", 8, "expected"),
        ('caption = "open', 11, "expected"),
        ('"bare words"', 1, "expected"),
        ("width = AND", 9, "expected"),
        ("exif = 3", 1, "exif:*"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, position: int, words: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse_filter(text, "query.filter")
    (violation,) = caught.value.violations
    assert violation.field == "query.filter"
    assert f"at character {position}:" in violation.description
    assert words in violation.description


@pytest.mark.parametrize(
    "text",
    [
        'caption = "' + "x" * MAX_LENGTH + '"',
        "(" * (MAX_DEPTH + 1) + "width=1" + ")" * (MAX_DEPTH + 1),
        "(" * 4000,
        " ".join(["width=1"] * (MAX_TERMS + 1)),
    ],
)
def test_limits_hold(text: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_filter(text)


def test_what_is_within_the_limits_parses() -> None:
    assert parse_filter("(" * MAX_DEPTH + "width>=300" + ")" * MAX_DEPTH) == WIDE
    assert parse_filter(" ".join(["width>=300"] * MAX_TERMS)) == And((WIDE,) * MAX_TERMS)
