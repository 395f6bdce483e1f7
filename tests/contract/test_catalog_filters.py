"""Filters over the catalog agree with their plain reading in Python, whatever the attributes are."""

import string
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrator.adapters.catalog.column_types import Json
from orchestrator.adapters.catalog.filter_sql import attributes_json, filter_sql
from orchestrator.application.filters import parse_filter
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.filter import And, Comparison, Filter, Matches, Not, Operator, Or, Present
from orchestrator.domain.fulfils import fulfils
from tests.fixtures.catalogs import connected

NAMES = ["caption", "folder", "exif.camera", "metadata.a", 'metadata.odd "key" $[0] %', "metadata.Größe"]
TEXTS = ["red car", "Red", "cars", "a/b", "", "ÄPFEL und-birnen_x", "50%", "it's", '"', "\\", "x" * 40]

texts = st.sampled_from(TEXTS) | st.text(string.ascii_letters + " -_'\"äÖß%.", max_size=8)
numbers = st.sampled_from([0.0, 1.0, -1.0, 1e300, 0.1]) | st.floats(allow_nan=False, allow_infinity=False)
values = texts | numbers | st.booleans()
names = st.sampled_from(NAMES)
attributes = st.dictionaries(names, values | st.lists(values, min_size=1, max_size=3))
comparisons = st.builds(Comparison, names, st.sampled_from([Operator.EQ, Operator.NE]), values) | st.builds(
    Comparison, names, st.sampled_from(list(Operator)), numbers
)
leaves = comparisons | st.builds(Matches, names, texts, st.booleans()) | st.builds(Present, names)
filters = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


Finds = Callable[[Filter, dict[str, Any]], bool]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def finds(request: pytest.FixtureRequest) -> Iterator[Finds]:
    """Whether a filter finds a row of these attributes, on each engine."""
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url()
    with connected(url) as connection:

        def ask(filter: Filter, found: dict[str, Any]) -> bool:
            attributes = sa.literal(attributes_json(found), Json)
            query = sa.select(sa.literal(1)).where(filter_sql(filter, attributes))
            return connection.execute(query).first() is not None

        yield ask


@settings(deadline=None, max_examples=200)
@given(filter=filters, found=attributes)
@example(filter=Matches("caption", "red car"), found={"caption": ["red", "car"]})
@example(filter=Not(Comparison("metadata.a", Operator.EQ, 1.0)), found={})
@example(filter=Comparison("metadata.a", Operator.EQ, True), found={"metadata.a": 1.0})
@example(filter=Comparison("metadata.a", Operator.EQ, 1.0), found={"metadata.a": [True, "1"]})
def test_sql_agrees_with_the_plain_reading(finds: Finds, filter: Filter, found: dict[str, Any]) -> None:
    assert finds(filter, found) == fulfils(found, filter)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('folder = "a"', True),
        ('folder = "a/b"', True),
        ('folder = "b"', False),
        ("caption:CAR", True),
        ("caption:ca", False),
        ('caption = "A red*"', True),
        ("labels:car AND NOT labels:dog", True),
        ("width > 100", True),
        ("width > 100 AND metadata.n < 3", False),
        ("metadata.missing != 1", True),
        ("metadata.n:*", True),
        ("exif:*", False),
    ],
)
def test_what_callers_write_finds_what_they_mean(finds: Finds, text: str, wanted: bool) -> None:
    filter = parse_filter(text)
    assert filter is not None
    found = {
        "folder": ["a", "a/b"],
        "caption": "A red car.",
        "labels": ["car", "tree"],
        "width": 640.0,
        "metadata.n": 3.0,
    }
    assert finds(filter, found) == wanted


def test_texts_have_no_order(finds: Finds) -> None:
    with pytest.raises(InvalidArgument):
        finds(Comparison("caption", Operator.LT, "b"), {})
