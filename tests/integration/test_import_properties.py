"""Whatever happens to a source between imports: what it holds is there, once; only the rest is deleted."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from orchestrator.application.collections import ensure_default_collection
from orchestrator.application.imports import job, work
from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.face import pause_import, resume_import, retry_items, start_import
from orchestrator.application.imports.job import import_kind
from orchestrator.application.imports.plan import ImportOptions, ImportPlan
from orchestrator.application.jobs import Jobs
from orchestrator.application.ports import ImageOrder, Ports
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.import_source import FilesSource
from orchestrator.domain.names import CollectionName, OperationName
from orchestrator.domain.operation import OperationState
from tests.fakes.sources import MemorySources
from tests.fixtures.import_files import picture
from tests.fixtures.server import ports_over

HOME = CollectionName("default")
PICTURES = [picture(number) for number in range(2)]
KEYS = st.sampled_from(["a.png", "b.png", "c.png"])
BOTH: list[tuple[object, ...]] = [("put", "a.png", 0), ("put", "b.png", 0)]
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, st.integers(0, len(PICTURES) - 1)),
    st.tuples(st.just("remove"), KEYS),
    st.tuples(st.just("rename"), KEYS, KEYS),
    st.tuples(st.just("fail"), KEYS),
    st.tuples(st.just("import")),
    st.tuples(st.just("import")),
    st.tuples(st.just("import and retry")),
    st.tuples(st.just("begin and pause")),
    st.tuples(st.just("two at once")),
)


class World:
    """A source, a collection, and a process that imports the one into the other."""

    def __init__(self, ports: Ports, sources: MemorySources, options: ImportOptions) -> None:
        self.ports, self.sources = ports, sources
        self.plan = ImportPlan(collection=HOME, source=FilesSource(uri="file:///somewhere"), options=options)
        self.paused: list[OperationName] = []

    async def step(self, step: Sequence[object]) -> None:
        match step:
            case ("put", str(key), int(number)):
                self.sources.put(key, PICTURES[number])
            case ("remove", str(key)):
                self.sources.items.pop(key, None)
            case ("rename", str(key), str(other)):
                if key in self.sources.items:
                    content = self.sources.files[key]
                    self.sources.remove(key)
                    self.sources.put(other, content)
            case ("fail", str(key)):
                self.sources.failures[key] = [InvalidArgument("cannot be read")]
            case ("import",):
                undisturbed = not self.paused and not any(self.sources.failures.values())
                await self.end(await self.start())
                if undisturbed:
                    await self.check()
            case ("import and retry",):
                await self.end(name := await self.start())
                await retry_items(self.ports, name, [])
                await self.end(name)
            case ("begin and pause",):
                name = await self.start()
                await asyncio.sleep(0.03)
                with suppress(FailedPrecondition):  # it has ended already
                    await pause_import(self.ports, name)
                    self.paused.append(name)
            case ("two at once",):
                for name in [await self.start(), await self.start()]:
                    await self.end(name)

    async def start(self) -> OperationName:
        return (await start_import(self.ports, self.plan)).name

    async def end(self, name: OperationName) -> OperationState:
        async with asyncio.timeout(60):
            while not (operation := await self.ports.operations.get(name)).state.done:
                await asyncio.sleep(0.01)
        return operation.state

    async def settle(self) -> None:
        """Everything that was begun ends, nothing fails any more, and what is there is imported."""
        for name in self.paused:
            await resume_import(self.ports, name)
            await self.end(name)
        self.sources.failures.clear()
        await self.end(await self.start())

    async def check(self) -> None:
        images = await self.ports.catalog.list_images(HOME, order=ImageOrder.NAME, limit=1000)
        by_name = not self.plan.options.skip_duplicates
        held = {
            (key if by_name else "", sha256(self.sources.files[key]).hexdigest())
            for key in self.sources.items
        }
        found = Counter(
            (each.description.display_name if by_name else "", each.facts.sha256) for each in images
        )
        assert held <= found.keys()
        assert set(found.values()) <= {1}
        if self.plan.options.delete_missing and held:
            assert found.keys() == held


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "REPORT", 0.02)
    monkeypatch.setattr(work, "_IDLE", 0.01)
    monkeypatch.setattr(work, "_HELD", 0.02)
    monkeypatch.setattr(work, "_FIRST_PAUSE", 0.02)


@pytest.mark.usefixtures("impatient")
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.booleans(), st.booleans(), st.lists(STEPS, min_size=6, max_size=16))
@example(True, True, [("put", "a.png", 0), ("import",), ("rename", "a.png", "b.png"), ("import",)])
@example(True, False, [*BOTH, ("import",), ("put", "a.png", 1), ("import",)])
@example(True, False, [*BOTH, ("import",), ("put", "b.png", 1), ("import",)])
def test_what_the_source_holds_is_there_once(
    skip_duplicates: bool, delete_missing: bool, steps: list[tuple[object, ...]]
) -> None:
    options = ImportOptions(skip_duplicates=skip_duplicates, delete_missing=delete_missing)

    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with ports_over(Path(folder)) as made:
                sources = MemorySources()
                ports = replace(made, sources=sources)
                await ensure_default_collection(ports)
                jobs = Jobs(ports.operations, [import_kind(ports, Budget(4, 1 << 20))], every=0.02)
                running = asyncio.create_task(jobs.keep_running())
                try:
                    world = World(ports, sources, options)
                    for step in steps:
                        await world.step(step)
                    await world.settle()
                    await world.check()
                finally:
                    running.cancel()
                    await asyncio.wait([running])

    asyncio.run(live())
