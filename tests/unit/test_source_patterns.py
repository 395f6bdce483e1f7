"""Globs of paths."""

import pytest

from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.domain.errors import InvalidArgument


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("", ["a.jpg", "a/b.png"], []),
        ("**", ["a.jpg", "a/b.png"], []),
        ("*.jpg", ["a.jpg"], ["a/b.jpg", "a.png"]),
        ("**/*.jpg", ["a.jpg", "a/b/c.jpg"], ["a/b.png"]),
        ("2026/**/small/*.png", ["2026/small/a.png", "2026/a/b/small/c.png"], ["2026/a.png", "small/a.png"]),
        ("?[0-9].png", ["a1.png"], ["ab.png", "a/1.png"]),
        ("**/a/**", ["a/b", "x/a/b/c", "a"], ["b/c"]),
        ("a.+(b)", ["a.+(b)"], ["aab"]),
    ],
)
def test_what_matches(pattern: str, matching: list[str], others: list[str]) -> None:
    compiled = Pattern(pattern)
    assert [path for path in matching + others if compiled.matches(path)] == matching


@pytest.mark.parametrize(
    ("pattern", "folder"), [("2026/05/*.jpg", "2026/05"), ("**/a/*.jpg", ""), ("a/b.jpg", "a"), ("*", "")]
)
def test_the_folder_that_all_matches_lie_below(pattern: str, folder: str) -> None:
    assert Pattern(pattern).folder == folder


def test_no_pattern_takes_long() -> None:
    pattern = Pattern("**/a*a*a*a*a*/" * 20 + "b")
    assert not pattern.matches("/".join(["a" * 200] * 40))  # backtracking would take the age of the world


def test_a_pattern_has_a_longest_length() -> None:
    with pytest.raises(InvalidArgument):
        Pattern("*" * 1025)
