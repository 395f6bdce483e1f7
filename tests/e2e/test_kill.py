"""Processes are killed while pictures come and go; what was acknowledged is there afterwards, and all agree.

`SIGHTLINE_KILLS` is how many (50), `SIGHTLINE_KILL_SEED` of which chance (1).
"""

import asyncio
import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.fixtures.crew import SEED, Crew, writers
from tests.fixtures.service import Service
from tests.fixtures.stack import Stack, running_stack

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "50"))
KILLS_A_ROUND = 12

# How often each is struck. Triton takes longest to start, and writes wait for it.
WEIGHTS = {"orchestrator": 9, "index": 9, "gateway": 3, "triton": 2}


@pytest.mark.timeout(1800 + 20 * KILLS)
async def test_what_was_acknowledged_survives_every_kill(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        async with writers([stack.orchestrator_address], stack.gateway_url) as crew:
            chance = random.Random(SEED)
            victims = drawn(chance)
            killed = 0
            while killed < KILLS:
                struck = victims[killed : killed + min(KILLS_A_ROUND, KILLS - killed)]
                await crew.write_while(slay(stack, struck, chance, crew))
                killed += len(struck)
                before = time.monotonic()
                images = await crew.agree()
                seconds = time.monotonic() - before
                print(  # noqa: T201 — shown where the test fails, and by pytest -s
                    f"{killed} kills, seed {SEED}: {crew.told()}, {images} images agree after {seconds:.1f} s"
                )
            assert crew.acknowledged >= KILLS


def drawn(chance: random.Random) -> list[str]:
    """Who is killed, in order: each as often as its weight says, the first of each soon."""
    names = list(WEIGHTS)
    return names[:KILLS] + chance.choices(names, list(WEIGHTS.values()), k=max(0, KILLS - len(names)))


async def slay(stack: Stack, victims: list[str], chance: random.Random, crew: "Crew") -> None:
    """Kills one after another at chance moments while writes go on, and starts each again."""
    for name in victims:
        await crew.acknowledge(chance.randrange(6))
        await asyncio.sleep(chance.uniform(0, 0.3))
        service: Service = getattr(stack, name)
        if name == "triton":
            await asyncio.to_thread(slay_triton, service, chance.random() < 0.5)
        else:
            await asyncio.to_thread(service.kill)
        service.launch()
        # Sometimes the next dies while this one is still starting.
        if name == "triton" or chance.random() < 0.7:
            await asyncio.to_thread(service.wait_until_ready)
    for name in WEIGHTS:
        await asyncio.to_thread(getattr(stack, name).wait_until_ready)


def slay_triton(launcher: Service, server_first: bool) -> None:
    """Kills the launcher, or first tritonserver itself, which ends the launcher."""
    started = psutil.Process(launcher.pid).children(recursive=True)
    if server_first:
        for process in started:
            if process.name() == "tritonserver":
                process.kill()
    launcher.stop(signal.SIGKILL)
    _, left = psutil.wait_procs(started, timeout=30)
    assert left == [], f"outlived their parent: {left}"
    assert list(Path("/dev/shm").glob(f"sightline-{launcher.pid}-*")) == []
