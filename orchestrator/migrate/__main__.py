"""The program; the settings are those of the orchestrators.

Exit status: 0 where all is there, 1 where something is not or an engine cannot be used, 2 for what makes no
sense, 130 when interrupted.
"""

import argparse
import asyncio
import json
import sys
from typing import Any

from orchestrator.bootstrap import CannotStart
from orchestrator.domain.errors import SightlineError
from orchestrator.log import configure_logging
from orchestrator.migrate.run import NoEngine, migrate
from orchestrator.settings import parse

_EPILOG = """
An index is filled from the vectors that the catalog keeps, an object store from the one in use, while
orchestrators serve and write. Killed, it goes on where it was. Then restart the orchestrators with the new
setting, and run it once more: it copies what was written in between.
"""


def main() -> int:
    """Runs the migration; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="sightline migrate",
        description="Moves collections to another engine while they are served.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="what is filled: qdrant://HOST:PORT, qdrants://HOST:PORT, pinecone://NAME?region=…&cloud=…, "
        "file:///…, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX",
    )
    parser.add_argument(
        "--from",
        dest="source",
        default="",
        metavar="URL",
        help="object store that pictures are read from; default: the one in use. Indexes need none",
    )
    parser.add_argument(
        "--collection", action="append", default=[], metavar="ID", help="one, or several; default: all"
    )
    parser.add_argument("--json", action="store_true", help="progress and outcomes as JSON lines")
    given = parser.parse_args()
    settings = parse([])
    configure_logging(settings.log_level, settings.log_format)

    async def tell(said: dict[str, Any]) -> None:
        if given.json:
            print(json.dumps(said), flush=True)
        elif said["stage"] == "done":
            print(_line(said), flush=True)

    try:
        running = migrate(settings, to=given.to, source=given.source, chosen=given.collection, tell=tell)
        return 0 if asyncio.run(running) else 1
    except NoEngine as error:
        parser.error(str(error))
    except (CannotStart, SightlineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _line(said: dict[str, Any]) -> str:
    what = "vectors" if "vectors" in said else "files"
    state = "complete" if said["complete"] else "NOT complete: run it again"
    damaged = f", {said['damaged']} gone or damaged" if said.get("damaged") else ""
    return (
        f"{said['collection']}: {said['target_' + what]:,} of {said[what]:,} {what}, checksum "
        f"{said['target_checksum']} of {said['checksum']}, {said['copied']:,} copied{damaged}: {state}"
    )


if __name__ == "__main__":
    sys.exit(main())
