"""The rooms of the house: who may import whom, and how large a module may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATED = ("clients/python/sightline/v1/", "clients/python/buf/", "gateway/v1/", "tests/protos/")
MAX_LINES = 300

LONGER: dict[str, str] = {}
"""Modules above 300 lines, each with its reason."""


@cache
def python_files() -> tuple[str, ...]:
    """Tracked and new Python files, relative to the root, without generated ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.pyi"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return tuple(
        name for name in listed if name and not name.startswith(GENERATED) and (ROOT / name).is_file()
    )


def below(*folders: str) -> list[str]:
    return [name for name in python_files() if name.startswith(folders)]


@cache
def imports(name: str) -> frozenset[str]:
    """Modules that a file imports anywhere in it, in full: `from a import b` gives `a` and `a.b`."""
    package = Path(name).with_suffix("").parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / name).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *([node.module] if node.module else ())))
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def offences(files: list[str], *forbidden: str, allowed: tuple[str, ...] = ()) -> Iterator[str]:
    """`file imports module` for what `files` import below `forbidden` and not below `allowed`."""
    for name in files:
        for module in sorted(imports(name)):
            if within(module, *forbidden) and not within(module, *allowed):
                yield f"{name} imports {module}"


def outsiders(files: list[str], *allowed: str) -> Iterator[str]:
    """What `files` import from beyond the standard library and `allowed`."""
    for name in files:
        for module in sorted(imports(name)):
            if module.split(".")[0] not in sys.stdlib_module_names and not within(module, *allowed):
                yield f"{name} imports {module}"


def test_the_rooms_are_there() -> None:
    for room in ("domain", "application", "adapters/triton", "grpc_api"):
        assert below(f"orchestrator/{room}/"), room
    assert below("gateway/")
    assert "orchestrator/bootstrap.py" in python_files()


def test_the_domain_knows_the_standard_library_and_numpy_alone() -> None:
    files = below("orchestrator/domain/")
    assert not list(outsiders(files, "orchestrator.domain", "numpy"))


def test_the_application_knows_the_domain_and_no_engine() -> None:
    files = below("orchestrator/application/")
    found = list(
        outsiders(
            files, "orchestrator.domain", "orchestrator.application", "numpy", "lark", "cronsim", "structlog"
        )
    )
    assert not found
    parsers = {line.split(" ")[0] for line in offences(files, "lark")}
    assert parsers <= {"orchestrator/application/filters.py"}
    clocks = {line.split(" ")[0] for line in offences(files, "cronsim")}
    assert clocks <= {"orchestrator/application/imports/cron.py"}


@pytest.mark.parametrize("face", ["adapters", "grpc_api"])
def test_adapters_and_the_face_do_not_know_each_other_nor_who_wires_them(face: str) -> None:
    other = {"adapters": "grpc_api", "grpc_api": "adapters"}[face]
    forbidden = (f"orchestrator.{other}", "orchestrator.bootstrap", "orchestrator.settings")
    assert not list(offences(below(f"orchestrator/{face}/"), *forbidden))


def test_adapters_do_not_import_each_other() -> None:
    rooms = {name.split("/")[2] for name in below("orchestrator/adapters/") if name.count("/") > 2}
    assert rooms >= {"triton", "index", "catalog", "blobs"}
    for room in rooms:
        own = f"orchestrator.adapters.{room}"
        found = list(
            offences(below(f"orchestrator/adapters/{room}/"), "orchestrator.adapters", allowed=(own,))
        )
        assert [line for line in found if not line.endswith(" orchestrator.adapters")] == []


def test_only_bootstrap_names_adapters() -> None:
    files = [name for name in below("orchestrator/") if not name.startswith("orchestrator/adapters/")]
    found = list(offences(files, "orchestrator.adapters"))
    assert found
    assert {line.split(" ")[0] for line in found} == {"orchestrator/bootstrap.py", "orchestrator/tools.py"}


def test_tritonclient_appears_in_its_adapter_alone() -> None:
    files = [name for name in below("orchestrator/") if not name.startswith("orchestrator/adapters/triton/")]
    assert not list(offences(files, "tritonclient"))


def test_the_stubs_appear_in_the_faces_alone() -> None:
    allowed = ("orchestrator/grpc_api/", "gateway/", "clients/", "tests/")
    files = [name for name in python_files() if not name.startswith(allowed)]
    assert not list(offences(files, "sightline.v1"))


def test_the_gateway_and_the_orchestrator_share_nothing() -> None:
    assert not list(offences(below("gateway/"), "orchestrator", "model_repository", "sightline"))
    assert not list(offences(below("orchestrator/"), "gateway"))
    assert not list(offences(below("orchestrator/"), "model_repository"))


def test_the_clients_know_the_protos_alone() -> None:
    assert not list(offences(below("clients/"), "orchestrator", "gateway", allowed=("gateway.v1",)))


def test_nothing_but_tests_imports_tests() -> None:
    assert not list(offences([name for name in python_files() if not name.startswith("tests/")], "tests"))


def test_modules_are_short_or_say_why_not() -> None:
    shipped = [name for name in python_files() if not name.startswith("tests/")]
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in shipped}
    longer = {name for name, length in lengths.items() if length > MAX_LINES}
    assert longer - LONGER.keys() == set(), "above 300 lines without a reason"
    assert LONGER.keys() - longer == set(), "no longer above 300 lines: take it off the list"


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name in below("orchestrator/", "gateway/", "clients/python/sightline/", "model_repository/")
        if name.endswith(".py") and not ast.get_docstring(ast.parse((ROOT / name).read_text()))
    ]
    assert not silent


def test_no_file_speaks_of_one_machine() -> None:
    place = re.compile(r"(?<![\w.$-])/(?:work|home|Users|root)/\w")
    spoken = [
        f"{name}: {found[0]}"
        for name in python_files()
        if name != "tests/unit/test_import_rules.py" and (found := place.search((ROOT / name).read_text()))
    ]
    assert not spoken
