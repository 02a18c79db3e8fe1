"""`make bench`: what Baton costs on this machine, in one run of less than two minutes."""

import asyncio

from bench import backtest, filing, outlook, sweep

if __name__ == "__main__":
    print("Tickets filed over signed HTTP, each committed (synchronous=FULL) before its answer,")
    print("beside a bare Bolt app that only answers:")
    print("\n".join(asyncio.run(filing.measured())))
    print("\nFinding the alerts that are due, on SQLite:")
    print("\n".join(asyncio.run(sweep.measured())))
    print("\nWill it be done in time? One simulation of a large team:")
    print("\n".join(outlook.measured()))
    print("\nEvery morning of a real log, for each open incident: will it be resolved by its due time?")
    print("\n".join(backtest.measured()))
