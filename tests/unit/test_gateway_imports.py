"""The gateway is generic: it knows neither the product's code nor its stubs."""

from __future__ import annotations

import ast
from pathlib import Path

import gateway

FORBIDDEN = {"orchestrator", "sightline", "model_repository", "tritonclient"}


def test_it_imports_nothing_of_the_product() -> None:
    modules = sorted(Path(gateway.__file__).parent.rglob("*.py"))
    assert len(modules) > 20
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not FORBIDDEN & {name.partition(".")[0] for name in names}, path
