"""A checkout takes the place of an unpublished package: what its README says makes its example build."""

import re
from pathlib import Path

import pytest

from tests.clients.toolchain import BUILD_SECONDS, ROOT, build, need

pytestmark = pytest.mark.timeout(BUILD_SECONDS)

GO_PROGRAM = """package main

import (
	"context"
	"fmt"
	"log"

	"sightline.dev/go"
	"sightline.dev/go/sightlinev1"
)

func main() {{
	ctx := context.Background()
	{example}
}}
"""
CRATE = """[package]
name = "finder"
version = "0.1.0"
edition = "2024"

{dependencies}
"""


def said(language: str, kind: str) -> str:
    """The first code of this kind in a client's README, with the checkout where it says PATH."""
    readme = (ROOT / "clients" / language / "README.md").read_text()
    found = re.search(rf"^```{kind}[^\n]*\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert found, f"no {kind} in the README of {language}"
    return found[1].replace("PATH/", f"{ROOT}/")


def test_a_go_module_takes_the_checkout(tmp_path: Path) -> None:
    need("go")
    build("go", "mod", "init", "example.com/finder", folder=tmp_path)
    build("sh", "-c", said("go", "sh"), folder=tmp_path)
    (tmp_path / "main.go").write_text(GO_PROGRAM.format(example=said("go", "go")))

    build("go", "vet", "./...", folder=tmp_path)


def test_a_rust_crate_takes_the_checkout(tmp_path: Path) -> None:
    need("cargo")
    (tmp_path / "Cargo.toml").write_text(CRATE.format(dependencies=said("rust", "toml")))
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text(said("rust", "rust"))

    build("cargo", "check", "--quiet", "--target-dir", f"{ROOT}/clients/rust/target", folder=tmp_path)
