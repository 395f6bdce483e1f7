"""What the gateway's log says of a failure: where it was, and nothing of what callers sent."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.protos.library_server import ROOT

FAILS = """
import structlog
from gateway import logs, settings

logs.configure(settings.Settings(_env_file=None, log_format=FORMAT))

def fail(token):
    raise RuntimeError("why")

try:
    fail("Bearer " + "secret"[:6])
except RuntimeError:
    structlog.get_logger("gateway").exception("request failed")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_holds_no_values(form: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FAILS.replace("FORMAT", repr(form))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "RuntimeError: why" in run.stderr
    assert "request failed" in run.stderr
    assert "Bearer secret" not in run.stderr
