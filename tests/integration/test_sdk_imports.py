"""The SDK's imports and schedules, and the commands about them, against a server that reads a real folder."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sightline
from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.job import import_kind
from orchestrator.application.jobs import Jobs
from sightline import AsyncSightline, Sightline
from sightline.v1 import import_pb2
from tests.fixtures.import_files import picture
from tests.fixtures.server import RunningServer


@pytest.fixture
async def importing(server: RunningServer) -> AsyncIterator[RunningServer]:
    jobs = Jobs(server.ports.operations, [import_kind(server.ports, Budget(4, 1 << 20))], every=0.05)
    task = asyncio.create_task(jobs.keep_running())
    yield server
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    (made / "trip").mkdir(parents=True)
    for number in range(5):
        (made / "trip" / f"{number}.png").write_bytes(picture(number))
    (made / "broken.png").write_bytes(b"no picture")
    return made


async def test_an_import_is_started_waited_for_and_looked_at(importing: RunningServer, folder: Path) -> None:
    async with AsyncSightline(importing.address) as client:
        seen: list[import_pb2.ImportMetadata] = []
        operation = await client.import_images(folder, folder="all")
        summary = await operation.wait(timeout=60, progress=seen.append)
        assert (summary.counts.done, summary.counts.failed) == (5, 1)
        assert seen[-1].state == import_pb2.ImportMetadata.SUCCEEDED
        (failed,) = [item async for item in operation.items("failed")]
        assert failed.key.endswith("broken.png")
        assert len([item async for item in operation.items(page_size=2)]) == 6
        images = [image async for image in client.list_images(filter='folder = "all/trip"')]
        assert len(images) == 5
        (folder / "broken.png").write_bytes(picture(100))
        assert await operation.retry() == 1
        assert (await operation.wait(timeout=60)).counts.done == 6
        assert [status async for status in operation.watch()][-1].counts.done == 6
        listed = [each async for each in client.list_operations(filter='kind = "import" AND done = true')]
        assert [each.name for each in listed] == [operation.name]
        with pytest.raises(sightline.FailedPrecondition):
            await operation.pause()
        checked = await client.import_images(folder, validate_only=True)
        assert checked.name == ""
        await client.delete_operation(operation.name)
        with pytest.raises(sightline.NotFound):
            await client.import_operation(operation.name.partition("/")[2]).status()


async def test_the_synchronous_client_does_the_same(importing: RunningServer, folder: Path) -> None:
    def use() -> None:
        with Sightline(importing.address) as client:
            operation = client.import_images(str(folder / "**" / "[0-2].png"))
            assert operation.wait(timeout=60).counts.done == 3
            made = client.create_schedule("nightly", folder, "30 2 * * *", time_zone="Europe/Berlin")
            assert [each.name for each in client.list_schedules()] == [made.name]
            made.paused = True
            assert client.update_schedule(made, ["paused"]).paused
            assert client.run_schedule(made.name).wait(timeout=60).counts.failed == 1
            assert client.get_schedule(made.name).last_operation
            client.delete_schedule(made.name)
            with pytest.raises(sightline.InvalidArgument, match="cron"):
                client.create_schedule("never", folder, "now and then")
            with pytest.raises(sightline.NotFound):
                client.run_schedule(made.name)

    await asyncio.to_thread(use)


@dataclass(frozen=True)
class Result:
    exit_code: int
    stdout: str
    stderr: str


async def run(server: RunningServer, *arguments: str) -> Result:
    """`sightline` with these arguments, pointed at the server."""
    program = Path(sys.executable).with_name("sightline")
    process = await asyncio.create_subprocess_exec(
        str(program),
        *arguments,
        "--server",
        server.address,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Result(process.returncode, out.decode(), err.decode())


async def test_the_commands_import_and_steer(importing: RunningServer, folder: Path) -> None:
    done = await run(importing, "import", str(folder), "--json")
    assert done.exit_code == 1, done.stderr
    told = json.loads(done.stdout.splitlines()[0])
    assert (told["counts"]["done"], told["counts"]["failed"]) == ("5", "1")
    id = told["operation"].partition("/")[2]
    (folder / "broken.png").unlink()
    again = await run(importing, "import", str(folder), "--delete-missing")
    assert again.exit_code == 0, again.stderr
    assert "5 unchanged" in again.stdout
    assert "broken.png" in (await run(importing, "jobs", "items", id, "--state", "failed")).stdout
    assert len((await run(importing, "jobs", "list", "--json")).stdout.splitlines()) == 2
    assert id in (await run(importing, "jobs", "show", id)).stdout
    assert json.loads((await run(importing, "jobs", "retry", id, "--json")).stdout) == {"retried": 1}
    watched = await run(importing, "jobs", "watch", id, "--json")
    assert watched.exit_code == 1
    assert json.loads(watched.stdout.splitlines()[-1])["state"] == "SUCCEEDED"
    refused = await run(importing, "jobs", "pause", id)
    assert (refused.exit_code, "SUCCEEDED" in refused.stderr) == (1, True)


async def test_the_commands_schedule(importing: RunningServer, folder: Path) -> None:
    made = await run(importing, "schedules", "create", "nightly", str(folder), "30 2 * * *", "--json")
    assert json.loads(made.stdout)["cron"] == "30 2 * * *"
    assert "paused" in (await run(importing, "schedules", "pause", "nightly")).stdout
    assert "paused" not in (await run(importing, "schedules", "resume", "nightly")).stdout
    assert (await run(importing, "schedules", "run", "nightly")).exit_code == 1
    assert "nightly" in (await run(importing, "schedules", "history", "nightly")).stdout
    assert (await run(importing, "schedules", "show", "nightly")).exit_code == 0
    assert (await run(importing, "schedules", "delete", "nightly")).exit_code == 0
    assert "nightly" not in (await run(importing, "schedules", "list")).stdout
