"""Conditions on a resource's state, by dates that clients may write as they like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validators import Validators

DATE = "Sun, 06 Nov 1994 08:49:37"
STATE = Validators('"a"', f"{DATE} GMT")


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (f"{DATE} GMT", 304),
        (f"{DATE} -0000", 304),
        (f"{DATE} +0100", 0),
        (f"{DATE} +99999999999999999999", 0),
        (f"{DATE} +9999", 0),
        ("yesterday", 0),
    ],
)
def test_a_date_that_is_none_is_no_condition(since: str, status: int) -> None:
    assert STATE.refusal({"if-modified-since": since}) == status


@given(
    st.lists(st.one_of(st.integers().map(str), st.sampled_from(["Sun,", "Nov", "08:49:37", "+", "-", "GMT"])))
)
def test_no_date_breaks_it(words: list[str]) -> None:
    for text in (" ".join(words), f"{DATE} {''.join(words)}"):
        assert STATE.refusal({"if-modified-since": text, "if-unmodified-since": text}) in (0, 304, 412)
