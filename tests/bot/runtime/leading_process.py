"""A process that tries to lead, and says each moment at which it believes that it does, and until when."""

import asyncio
import sys
from time import monotonic

from bot.runtime.leader import HEARTBEAT_SECONDS, Leader
from storage.database import Database


async def lead(address: str) -> None:
    leader = Leader(Database(address), "T0LOCAL")
    acting = asyncio.create_task(act(leader))
    while not acting.done():
        await leader.try_to_lead()
        print("asked", flush=True)
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def act(leader: Leader) -> None:
    while True:
        at, until = monotonic(), leader.leads_until
        if leader.is_leader:
            print(at, until, flush=True)
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(lead(sys.argv[1]))
