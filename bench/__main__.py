"""`make bench`: what Baton costs on this machine, in one run of a few minutes."""

import asyncio

from bench import backtest, baskets, calendars, filing, outlook, sweep

if __name__ == "__main__":
    print("Tickets filed over signed HTTP, each committed (synchronous=FULL) before its answer,")
    print("beside a bare Bolt app that only answers, and one that also stores the same rows and does nothing else:")
    print("\n".join(asyncio.run(filing.measured())))
    print("\nBusiness time between moments hours to years apart, on one core, beside a walk from day to day:")
    print("\n".join(calendars.measured()))
    print("\nFinding the alerts that are due, and giving them:")
    print("\n".join(sweep.measured()))
    print("\nMoving one person's tickets to others, in one transaction:")
    print("\n".join(baskets.measured()))
    print("\nWill it be done in time? One simulation of a large team:")
    print("\n".join(outlook.measured()))
    print("\nEvery morning of a real log, for each open incident: will it be resolved by its due time?")
    print("\n".join(backtest.measured()))
