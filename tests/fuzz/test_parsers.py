"""The parsers under atheris: a bounded run of each, from seeds that are well formed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import EXAMPLES
from tests.protos.library_server import ROOT

RUNS = EXAMPLES * 25
SEEDS: dict[str, list[bytes]] = {
    "templates": [b"/v1/{name=shelves/*/books/**}:read\n/v1/shelves/a%2Fb/books/c:read"],
    "paths": [b"v1/shelves/1/books/%C3%A9", b"a:b", b"b/c%2Fd:b"],
    "query": [
        b"int32Value=1&genre=ESSAY&nested.nested.text=a+b&stringMap[a]=%C3%A9&timestamp=2020-01-02T03:04:05Z",
        b"struct={%22a%22:[1]}&fieldMask=a,bC&bytesValue=AP8&floatWrapper=1e3&duration=1.5s&boolMap[t]=1",
    ],
    "json": [
        b'{"int32Value":1,"genre":"ESSAY","nested":{"text":"a"},"nestedMap":{"a":{}},"bytesValue":"AA=="}',
        b'{"any":{"@type":"type.googleapis.com/library.v1.Author","born":1},"struct":{"a":[null,1e5]}}',
        b'{"timestamp":"2020-01-02T03:04:05.5Z","duration":"-1.5s","fieldMask":"a,bC","doubleValue":"NaN"}',
    ],
    "values": [b'{"a":[1,-2.5e3,"\\u00e9\\n",true,null]}'],
    "form": [b'\x10--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n--x--\r\n'],
    "headers": [b"x-a-bin\nAP8=", b"authorization\n10S", b"x\nSun, 06 Nov 1994 08:49:37 +0100"],
}


@pytest.mark.parametrize("target", SEEDS)
def test_no_input_breaks_a_parser(target: str, tmp_path: Path) -> None:
    for number, seed in enumerate(SEEDS[target]):
        (tmp_path / str(number)).write_bytes(seed)
    flags = [f"-atheris_runs={RUNS}", "-max_len=1024", "-seed=1", "-rss_limit_mb=2048"]
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz.parsers",
            target,
            *flags,
            f"-artifact_prefix={tmp_path}/",
            str(tmp_path),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=3600,
        check=False,
    )
    said = run.stderr.decode(errors="replace") + run.stdout.decode(errors="replace")
    assert run.returncode == 0, said[-4000:]
    assert f"Done {RUNS}" in said, said[-2000:]
