"""File names as Content-Disposition gives them."""

from __future__ import annotations

import pytest

from gateway.multipart import filename_of


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment", ""),
        ('attachment; filename="a/b.png"', "b.png"),
        ("attachment; filename*=UTF-8''%e2%82%ac%20rates.png", "€ rates.png"),
        ("attachment; filename*=utf-8'en'..%2Fx%5Cy.png", "y.png"),
        ("attachment; filename=\"plain\"; FileName* = ISO-8859-1''%A3.png; x=1", "£.png"),
        ("attachment; filename*=UTF-8''%ff; filename=plain", "plain"),
        ("attachment; filename*=KOI8-R''%C1; filename=plain", "plain"),
        ("attachment; filename=\"; filename*=UTF-8''x\"", "; filename*=UTF-8''x"),
    ],
)
def test_the_name_of_a_file(disposition: str, name: str) -> None:
    assert filename_of(disposition) == name
