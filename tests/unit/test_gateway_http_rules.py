"""Files of HTTP rules: what they give, and what is said of those that are wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.http_rules import HttpRulesError, read_rules
from gateway.watched import WatchedFile

YAML = """
type: google.api.Service
config_version: 3
name: library.example.com
http:
  rules:
    - selector: library.v1.Library.Hidden
      post: /v1/{name=operations/*}:wait
      body: "*"
      additional_bindings:
        - get: /v1/hidden
    - selector: library.v1.Library.Hidden
      custom: {kind: REPORT, path: /v1/hidden}
      response_body: name
"""
JSON = """{"http": {"rules": [{"selector": "a.B.C", "get": "/c", "responseBody": "x"}]}}"""


def write(folder: Path, text: str, name: str = "rules.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_yaml(tmp_path: Path) -> None:
    (first, second) = read_rules(write(tmp_path, YAML))["library.v1.Library.Hidden"]
    assert (first.rule.post, first.rule.body) == ("/v1/{name=operations/*}:wait", "*")
    assert first.rule.additional_bindings[0].get == "/v1/hidden"
    assert (second.rule.custom.kind, second.rule.response_body) == ("REPORT", "name")
    assert second.where.endswith("rules.yaml: rule 2 (library.v1.Library.Hidden)")


@pytest.mark.parametrize("text", [JSON, JSON.removeprefix('{"http": ').removesuffix("}")])
def test_json_as_a_service_or_as_its_rules_alone(tmp_path: Path, text: str) -> None:
    (only,) = read_rules(write(tmp_path, text, "rules.json"))["a.B.C"]
    assert (only.rule.get, only.rule.response_body) == ("/c", "x")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is neither YAML nor JSON"),
        ("\x00", "is neither YAML nor JSON"),
        ("5", "it is no mapping"),
        ("{type: google.api.Quota}", "its type is 'google.api.Quota'"),
        ("{http: {}}", "holds no list http.rules"),
        ("rules: {}", "holds no list http.rules"),
        ("rules: [5]", "rule 1: is not a google.api.HttpRule"),
        ("rules: [{selector: a.B.C, got: /x}]", "rule 1 (a.B.C): is not a google.api.HttpRule"),
        ("rules: [{selector: 5, get: /x}]", "rule 1: is not a google.api.HttpRule"),
        ("rules: [{selector: a.B.C, get: /x, put: /y}]", "rule 1 (a.B.C): is not a google.api.HttpRule"),
        ("rules: [{get: /x}]", "rule 1: its selector is not the full name of one method"),
        ("rules: [{selector: a.B.*, get: /x}]", "rule 1 (a.B.*): its selector"),
        ("rules: [{selector: 'a.B.C,a.B.D', get: /x}]", "rule 1 (a.B.C,a.B.D): its selector"),
        ("rules: [{selector: a.B.C, get: /x}, {selector: a.B.D}]", "rule 2 (a.B.D): it has no path"),
        ("rules: [{selector: a.B.C, get: x}]", "rule 1 (a.B.C): 'x' does not start with '/'"),
        ("rules: [{selector: a.B.C, custom: {path: /x}}]", "rule 1 (a.B.C): its custom pattern has no kind"),
        (
            "rules: [{selector: a.B.C, get: /x, additional_bindings: [{get: '/{'}]}]",
            "rule 1 (a.B.C): '/{': a brace is not closed",
        ),
        (
            "rules: [{selector: a.B.C, get: /x, additional_bindings: [{selector: a.B.D, get: /y}]}]",
            "an additional binding has a selector",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_rule(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(HttpRulesError) as refused:
        read_rules(path)
    assert str(refused.value).startswith(str(path))
    assert reason in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HttpRulesError, match="cannot be read: No such file"):
        read_rules(tmp_path / "nothing")


def test_a_watched_file_is_read_when_it_has_changed(tmp_path: Path) -> None:
    path, seen = write(tmp_path, "1"), []

    def read(at: Path) -> int:
        seen.append(at)
        return int(at.read_text())

    watched = WatchedFile(path, read)
    watched.refresh()
    assert (watched.value, len(seen)) == (1, 1)
    path.write_text("22")
    watched.refresh()
    assert (watched.value, len(seen)) == (22, 2)
    path.write_text("no number")
    with pytest.raises(ValueError, match="invalid literal"):
        watched.refresh()
    watched.refresh()  # said once
    assert (watched.value, len(seen)) == (22, 3)
    path.write_text("22")
    os.utime(path, ns=(1, 1))
    watched.refresh(always=True)
    assert (watched.value, len(seen)) == (22, 4)
