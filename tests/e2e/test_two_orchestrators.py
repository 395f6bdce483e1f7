"""Two orchestrators over one PostgreSQL, one Triton and one index: whoever dies or goes, nothing is lost."""

import asyncio
import random
import signal
from pathlib import Path

import grpc
import pytest

from sightline.v1 import collection_service_pb2, collection_service_pb2_grpc
from tests.fixtures.crew import SEED, Crew, writers
from tests.fixtures.postgres import Postgres
from tests.fixtures.service import Service
from tests.fixtures.stack import another_orchestrator, running_stack

KILLS = 5


@pytest.mark.timeout(1200)
async def test_what_was_acknowledged_survives_a_dead_orchestrator_and_a_lost_database(
    tmp_path: Path, postgres: Postgres, postgres_url: str
) -> None:
    with (
        running_stack(tmp_path, catalog_url=postgres_url) as stack,
        another_orchestrator(stack, postgres_url) as (address, second),
    ):
        first = stack.orchestrator
        async with writers([stack.orchestrator_address, address]) as crew:
            await crew.write_while(slay(crew, first))
            # The one that is left ends what the dead one had begun.
            assert await crew.agree(crew.readers[2:]) > 0
            first.start()
            await crew.write_while(slay_in_turn(crew, [first, second]))
            await crew.agree()
            for number in (signal.SIGINT, signal.SIGQUIT):
                await crew.write_while(
                    take_away(crew, postgres, number, [stack.orchestrator_address, address])
                )
                await crew.agree()
            assert first.running
            assert second.running
            assert crew.acknowledged >= 4 * KILLS


async def slay(crew: Crew, service: Service) -> None:
    """Kills an orchestrator while both are written through, and lets the other go on."""
    await crew.acknowledge(10)
    await asyncio.to_thread(service.kill)
    await crew.acknowledge(5)


async def slay_in_turn(crew: Crew, services: list[Service]) -> None:
    """Kills one, starts it again, kills the other."""
    chance = random.Random(SEED)
    for number in range(KILLS):
        await crew.acknowledge(chance.randrange(1, 6))
        await asyncio.sleep(chance.uniform(0, 0.3))
        service = services[number % len(services)]
        await asyncio.to_thread(service.kill)
        service.launch()
        await asyncio.to_thread(service.wait_until_ready)


async def take_away(crew: Crew, postgres: Postgres, number: signal.Signals, addresses: list[str]) -> None:
    """Stops the database for a while: reads are UNAVAILABLE meanwhile, and then everything goes on."""
    await crew.acknowledge(5)
    postgres.stop(number)
    try:
        for address in addresses:
            assert await read(address) is grpc.StatusCode.UNAVAILABLE
        await asyncio.sleep(3)
    finally:
        postgres.start()
    for address in addresses:
        assert await read(address) is grpc.StatusCode.OK
    await crew.acknowledge(5)


async def read(address: str) -> grpc.StatusCode:
    """The status of a read."""
    async with grpc.aio.insecure_channel(address, options=[("grpc.enable_retries", 0)]) as channel:
        service = collection_service_pb2_grpc.CollectionServiceStub(channel)
        request = collection_service_pb2.GetCollectionRequest(name="collections/plain")
        try:
            await service.GetCollection(request, timeout=10)
        except grpc.aio.AioRpcError as error:
            return error.code()
    return grpc.StatusCode.OK
