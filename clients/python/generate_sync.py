"""Writes `sightline/_sync` from `sightline/_async`: one source, two clients.

Run by `make protos`; a test holds that nothing has drifted.
"""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REPLACEMENTS = [
    (r"Awaitable\[Answer\]", "Answer"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bAsync([A-Z]\w+)", r"\1"),
    (r"\bgrpc\.aio\b", "grpc"),
    (r"\basyncio\.Semaphore\b", "threading.Semaphore"),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\basyncio\.to_thread\(\s*([\w.]+),\s*", r"\1("),
    (r"\bbegun_async\b", "begun"),
    (r"\b_async\b", "_sync"),
]
HEADER = "# Made from {source} by generate_sync.py. Do not edit.\n"


def to_sync(source: str) -> str:
    """The synchronous twin of an asyncio module."""
    if "threading" not in source and "asyncio.Semaphore" in source:
        source = source.replace("import asyncio\n", "import threading\n")
    source = source.replace("import asyncio\n", "").replace("import grpc.aio\n", "")
    for pattern, replacement in REPLACEMENTS:
        source = re.sub(pattern, replacement, source)
    return source


def main() -> None:
    """Writes every module anew."""
    target = HERE / "sightline" / "_sync"
    target.mkdir(exist_ok=True)
    for module in sorted((HERE / "sightline" / "_async").glob("*.py")):
        text = to_sync(module.read_text())
        if module.name == "__init__.py":
            text = '"""The client without asyncio."""\n'
        (target / module.name).write_text(HEADER.format(source=f"_async/{module.name}") + text)
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--quiet", "--select=I,F401", "--fix", str(target)], check=True)  # noqa: S603
    subprocess.run([*ruff, "format", "--quiet", str(target)], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
