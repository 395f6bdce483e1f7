"""What the SDK shows: each name typed, described and exported once, and the reference that is made of it."""

import ast
import builtins
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import generate_reference
import pytest

import sightline
from sightline import AsyncSightline, Sightline

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "python-reference.md").read_text()
SNIPPETS = [
    snippet
    for page in ("docs/python.md", "README.md")
    for snippet in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
]
PUBLIC = {
    name: import_module(name) for name in ("sightline", *(m.__name__ for m in generate_reference.MODULES))
}
HOMES = {"errors", "results"}
"""Modules whose names `sightline` exports."""
NO_SDK = {"cli", "evaluation", "stack", "lettering", "v1"}
"""The command line and what it is made of; the stubs, which are public as they are generated."""
QUIET = {"aclose", "close", "is_closed"}
"""Methods that raise nothing."""


def exported() -> Iterator[tuple[str, object]]:
    for module in PUBLIC.values():
        for name in module.__all__:
            yield name, getattr(module, name)


def test_every_module_is_public_private_or_of_the_command_line() -> None:
    found = {module.name for module in pkgutil.iter_modules(sightline.__path__)}
    shown = {name.partition(".")[2] for name in PUBLIC} - {""}
    assert {name for name in found if not name.startswith("_")} == shown | HOMES | NO_SDK


def test_every_public_name_is_exported_once() -> None:
    names = [name for name, _ in exported()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_module_shows_what_it_exports_and_no_more(name: str) -> None:
    def own(module: ModuleType) -> set[str]:
        """Names without an underscore of classes and functions that a module defines."""
        return {
            key
            for key, value in vars(module).items()
            if not key.startswith("_") and getattr(value, "__module__", "") == module.__name__
        }

    if name != "sightline":
        assert own(PUBLIC[name]) == set(PUBLIC[name].__all__)
        return
    raised = {key for key in own(import_module("sightline.errors")) if key[0].isupper()}
    assert raised | own(import_module("sightline.results")) <= set(sightline.__all__)
    assert own(sightline) == set()


def functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function, and every public method and property of the public classes."""
    for name, value in exported():
        if inspect.isfunction(value):
            yield name, value
        elif (
            inspect.isclass(value)
            and value.__module__.startswith("sightline.")
            and ".v1" not in value.__module__
        ):
            for key, _ in inspect.getmembers(value):
                if key.startswith("_") and not (
                    key == "__init__" and issubclass(value, Sightline | AsyncSightline)
                ):
                    continue
                raw = inspect.getattr_static(value, key)
                raw = raw.fget if isinstance(raw, property) else getattr(raw, "__func__", raw)
                if inspect.isfunction(raw):
                    yield f"{name}.{key}", raw


FUNCTIONS = dict(functions())


def test_there_is_much_to_look_at() -> None:
    assert len(FUNCTIONS) > 60
    assert {"Sightline.search", "AsyncSightline.aclose", "CreateResult.ok", "mask_picture"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_and_answer_has_a_type(name: str) -> None:
    signature = inspect.signature(FUNCTIONS[name])
    hints = typing.get_type_hints(FUNCTIONS[name])
    assert set(hints) == (set(signature.parameters) - {"self", "cls"}) | {"return"}
    assert typing.Any not in hints.values()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_what_it_does_and_raises(name: str) -> None:
    said = FUNCTIONS[name].__doc__ or ""
    assert re.match(r"[A-Z].*[.:]", said), said
    owner, _, method = name.rpartition(".")
    if owner in ("Sightline", "AsyncSightline") and method not in QUIET:
        raising = re.findall(r"[Rr]aises?\b([^.]*)", said)
        assert raising, said
        for error in re.findall(r"\b[A-Z][a-z]+[A-Za-z]+\b|\bOSError\b", " ".join(raising)):
            assert error in sightline.__all__ or hasattr(builtins, error), error


@pytest.mark.parametrize(("name", "value"), list(exported()))
def test_every_class_is_described(name: str, value: object) -> None:
    if inspect.isclass(value):
        assert value.__doc__ or f"- `{name}` = " in REFERENCE, name


def test_the_two_clients_have_the_same_calls() -> None:
    synchronous = {key for key in vars_of(Sightline)}
    over_asyncio = {key.replace("aclose", "close") for key in vars_of(AsyncSightline)}
    assert synchronous == over_asyncio


def vars_of(kind: type) -> set[str]:
    return {key for key in dir(kind) if not key.startswith("_")}


def test_the_package_says_that_it_is_typed() -> None:
    assert files("sightline").joinpath("py.typed").is_file()
    assert "Typing :: Typed" in distribution("sightline").metadata.get_all("Classifier", [])


def test_the_reference_has_not_drifted() -> None:
    assert generate_reference.reference() == REFERENCE


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_guides_import_and_call_what_there_is(snippet: str) -> None:
    tree = compile(snippet, "guide", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "sightline":
            assert {alias.name for alias in node.names} <= set(sightline.__all__)
        if not isinstance(node, ast.Call):
            continue
        owner, _, method = ast.unparse(node.func).rpartition(".")
        named = {keyword.arg or "": None for keyword in node.keywords}
        if owner in ("client", "Sightline", "AsyncSightline"):
            with Sightline("127.0.0.1:1") as client:
                inspect.signature(getattr(client, method)).bind(*node.args, **named)
        elif not owner and method in ("Sightline", "NewImage"):
            inspect.signature(getattr(sightline, method)).bind(*node.args, **named)


def test_there_are_guides() -> None:
    assert len(SNIPPETS) > 5
