"""How each language's program of calls is built and run."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.clients.toolchain import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`needs` must be on the PATH; `build`s run in `folder`, then `run`, which does the script's steps.

    `without` are the steps that it cannot do.
    """

    needs: Sequence[str] = ()
    folder: Path = ROOT
    builds: Sequence[Sequence[str]] = ()
    run: Sequence[str]
    without: frozenset[str] = frozenset()


CLIENTS = ROOT / "clients"
LANGUAGES = {
    "python": Language(run=(sys.executable, "-m", "tests.clients.python_script")),
    "typescript": Language(
        needs=("node", "npm"),
        folder=CLIENTS / "typescript",
        builds=(("npm", "ci", "--silent"), ("npm", "run", "format:check"), ("npm", "run", "build:test")),
        run=("node", "dist-test/script.js"),
    ),
    # A page of the gateway, over Connect. Browsers send files as forms, but no streams; TLS is theirs.
    "browser": Language(
        needs=("node", "npm", "chromium"),
        folder=CLIENTS / "typescript",
        builds=(("npm", "ci", "--silent"), ("npm", "run", "build:test")),
        run=("node", "dist-test/chromium.js"),
        without=frozenset({"bulk", "retry", "tls", "operation"}),
    ),
    "go": Language(
        needs=("go", "gofmt"),
        folder=CLIENTS / "go",
        builds=(
            ("sh", "-c", 'unformatted="$(gofmt -l .)"; echo "$unformatted"; test -z "$unformatted"'),
            ("go", "vet", "./..."),
            ("go", "run", "honnef.co/go/tools/cmd/staticcheck@v0.8.2", "./..."),
            ("go", "test", "./..."),
        ),
        run=("go", "run", "./internal/script"),
    ),
    "rust": Language(
        needs=("cargo", "cargo-clippy", "cargo-fmt"),
        folder=CLIENTS / "rust",
        builds=(
            ("cargo", "fmt", "--check"),
            ("cargo", "clippy", "--quiet", "--all-targets", "--", "--deny", "warnings"),
            ("cargo", "test", "--quiet"),
            ("cargo", "build", "--quiet", "--example", "script"),
        ),
        run=("target/debug/examples/script",),
    ),
    # Programs retry nothing by a service config. A form of several files gives none of them an id, TLS before
    # the gateway is a proxy's, and grpcurl's deadline holds for its connection too.
    "curl": Language(
        needs=("curl",),
        run=(sys.executable, "-m", "tests.clients.command_line", "curl"),
        without=frozenset({"bulk", "retry", "tls", "operation"}),
    ),
    "grpcurl": Language(
        needs=("make", "go", "cargo", "mvn", "npm"),
        builds=(("make", "protos/.tools/.ready"),),
        run=(sys.executable, "-m", "tests.clients.command_line", "grpcurl"),
        without=frozenset({"deadline", "retry", "operation"}),
    ),
    # Made from the gateway's OpenAPI document alone, which has one answer an HTTP request and no health.
    "openapi": Language(
        needs=("node", "npm"),
        folder=ROOT / "tests" / "clients" / "openapi",
        builds=(("npm", "ci", "--silent"),),
        run=("npm", "run", "--silent", "script"),
        without=frozenset({"health", "bulk", "retry", "tls", "operation"}),
    ),
    "java": Language(
        needs=("mvn", "java"),
        folder=CLIENTS / "java",
        builds=(
            ("mvn", "--quiet", "--batch-mode", "verify"),
            (
                *("mvn", "--quiet", "--batch-mode", "-Dmdep.outputFile=target/classpath"),
                "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath",
            ),
        ),
        run=(
            *("sh", "-c"),
            'export CLASSPATH="target/classes:target/test-classes:$(cat target/classpath)"; '
            "exec java dev.sightline.script.Script",
        ),
    ),
}
