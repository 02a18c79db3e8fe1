"""`make bench`: what Baton costs on this machine, in one run."""

import asyncio

from bench import filing

if __name__ == "__main__":
    print("Tickets filed over signed HTTP, each committed before its answer, beside a bare Bolt app that only answers:")
    print("\n".join(asyncio.run(filing.measured())))
