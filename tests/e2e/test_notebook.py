"""The example notebook: it runs from top to bottom over the real mesh, and is committed as it ran."""

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from PIL import Image

from sightline import NotFound, Sightline
from tests.fixtures.service import ROOT
from tests.fixtures.stack import Stack

NOTEBOOK = ROOT / "docs" / "sightline.ipynb"
EXECUTE = Path(sys.executable).with_name("jupyter-execute")
LARGEST = 1_000_000


def outputs(notebook: Any) -> Iterator[Any]:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            yield from cell.outputs


def pictures(notebook: Any) -> list[tuple[int, int]]:
    """The sizes of the pictures that it shows, each of which can be read."""
    sizes = []
    for output in outputs(notebook):
        if "image/jpeg" in output.get("data", {}):
            with Image.open(io.BytesIO(base64.b64decode(output.data["image/jpeg"]))) as picture:
                picture.load()
                sizes.append(picture.size)
    return sizes


def printed(notebook: Any) -> str:
    return "".join(output.text for output in outputs(notebook) if output.output_type == "stream")


def best(notebook: Any) -> list[str]:
    """The first hits that it names."""
    return re.findall(r"best: (\S+)", printed(notebook))


@pytest.fixture(scope="module")
def committed() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_runs_from_top_to_bottom(stack: Stack, committed: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(EXECUTE), str(NOTEBOOK), "--timeout=240", f"--output={tmp_path / 'done.ipynb'}"],
        env={**os.environ, "SIGHTLINE_ORCHESTRATOR_ADDRESS": stack.orchestrator_address},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    executed = nbformat.read(tmp_path / "done.ipynb", as_version=4)
    assert [output for output in outputs(executed) if output.output_type == "error"] == []
    assert pictures(executed) == pictures(committed)
    assert best(executed) == best(committed)
    with Sightline(stack.orchestrator_address) as client, pytest.raises(NotFound):
        client.get_collection("notebook")


def test_it_is_committed_as_it_ran(committed: Any) -> None:
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert len(pictures(committed)) >= 8
    assert best(committed) == ["animals-008.jpg", "food-012.png", "objects-002.jpg", "animals-001.jpg"]
    assert NOTEBOOK.stat().st_size < LARGEST
    assert not re.search(r"/(root|home|tmp|work)/", NOTEBOOK.read_text())
