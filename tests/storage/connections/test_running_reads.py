"""Reads that are under way are cancelled when the process stops."""

import asyncio

import aiosqlite

from storage.connections.running_reads import RunningReads


async def test_a_read_whose_connection_was_closed_meanwhile_is_over() -> None:
    reads, connection = RunningReads(), await aiosqlite.connect(":memory:")
    with reads.remember(connection):
        await connection.close()
        cancelling = asyncio.create_task(reads.cancel())
        await asyncio.sleep(0)

    await cancelling
