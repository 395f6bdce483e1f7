"""Writes the reference of the SDK from its docstrings: `docs/python-reference.md`.

Run by `make protos`; a test holds that nothing has drifted.
"""

import ast
import inspect
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import sightline
import sightline.gallery
import sightline.masks
import sightline.sheet

TARGET = Path(__file__).parents[2] / "docs" / "python-reference.md"
MODULES = (sightline.masks, sightline.sheet, sightline.gallery)
INTRODUCTION = """# The Python SDK: reference

Made from the docstrings by `clients/python/generate_reference.py`. The guide is [python.md](python.md).

`AsyncSightline` has the same methods as `Sightline` over asyncio: `await` those that answer one thing,
`async for` those that answer an iterator; `aclose` stands for `close`. What calls answer are the messages of
`sightline.v1`, which [protos/sightline/v1](../protos/sightline/v1) describes field by field.
"""


def signature(function: ast.FunctionDef) -> str:
    """How it is called, as ruff would write it."""
    returns = ast.unparse(function.returns or ast.Constant(None))
    decorators = "".join(f"@{ast.unparse(each)}\n" for each in function.decorator_list)
    stub = f"{decorators}def {function.name}({ast.unparse(function.args)}) -> {returns}: ..."
    command = [sys.executable, "-m", "ruff", "format", "--quiet", "--isolated", "--line-length=100", "-"]
    return subprocess.run(command, input=stub, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def parsed(module: ModuleType) -> list[ast.stmt]:
    """The statements in the source of a module."""
    return ast.parse(inspect.getsource(module)).body


def body(kind: type) -> list[ast.stmt]:
    """The statements in the source of a class."""
    return next(
        node.body for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef)
    )


def methods(kind: type) -> Iterator[tuple[ast.FunctionDef, str]]:
    """The public methods and properties of a class and of those it is made of, with their docstrings."""
    for each in (each for each in kind.__mro__ if each.__module__.startswith("sightline")):
        for node in body(each):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node, ast.get_docstring(node) or ""


def described(name: str, kind: type) -> Iterator[str]:
    """A class: what it is, its fields, its methods."""
    yield f"### `{name}`\n\n{inspect.getdoc(kind)}"
    fields = [ast.unparse(node) for node in body(kind) if isinstance(node, ast.AnnAssign)]
    if fields:
        yield "```python\n" + "\n".join(fields) + "\n```"
    for node, said in methods(kind):
        yield f"```python\n{signature(node)}\n```\n\n{said}"


def aliases() -> Iterator[str]:
    """What calls take, by other names: the string below each is its description."""
    modules = ("sightline._inputs", "sightline._sources")
    statements = [each for module in modules for each in parsed(sys.modules[module])]
    for node, after in itertools.pairwise(statements):
        if isinstance(node, ast.AnnAssign) and isinstance(after, ast.Expr) and node.value:
            name, value = ast.unparse(node.target), ast.unparse(node.value)
            yield f"- `{name}` = `{value}`: {ast.literal_eval(after.value)}"


def reference() -> str:
    """The whole text."""
    parts = [INTRODUCTION.strip(), "## The client"]
    made = inspect.getdoc(sightline.Sightline.__init__)
    parts.append(f"### `Sightline`\n\n{inspect.getdoc(sightline.Sightline)}\n\n{made}")
    for node, said in methods(sightline.Sightline):
        parts.append(f"### `Sightline.{node.name}`\n\n```python\n{signature(node)}\n```\n\n{said}")
    parts.append("## What calls take and answer")
    parts.append("\n".join(aliases()))
    parts += [*described("NewImage", sightline.NewImage), *described("CreateResult", sightline.CreateResult)]
    parts += described("ImportOperation", sightline.ImportOperation)
    parts.append("### `to_source`\n\n" + str(inspect.getdoc(sightline.to_source)))
    parts.append(f"## Errors\n\n```\n{inspect.getdoc(sys.modules['sightline.errors'])}\n```")
    parts += [
        *described("CallError", sightline.CallError),
        *described("FieldViolation", sightline.FieldViolation),
    ]
    for module in MODULES:
        parts.append(f"## `{module.__name__}`\n\n{inspect.getdoc(module)}")
        names = set(module.__all__)
        for each in parsed(module):
            if isinstance(each, ast.ClassDef) and each.name in names:
                parts += described(each.name, getattr(module, each.name))
            elif isinstance(each, ast.FunctionDef) and each.name in names:
                about = ast.get_docstring(each)
                parts.append(f"### `{each.name}`\n\n```python\n{signature(each)}\n```\n\n{about}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(reference())
