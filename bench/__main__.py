"""`make bench`: what Baton costs on this machine, in one run of less than two minutes."""

import asyncio

from bench import filing, sweep

if __name__ == "__main__":
    print("Tickets filed over signed HTTP, each committed (synchronous=FULL) before its answer,")
    print("beside a bare Bolt app that only answers, and one that also stores the same rows and does nothing else:")
    print("\n".join(asyncio.run(filing.measured())))
    print("\nFinding the alerts that are due, on SQLite:")
    print("\n".join(asyncio.run(sweep.measured())))
