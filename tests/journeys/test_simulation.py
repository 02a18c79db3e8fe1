"""Random people at a desk that dies, whose Slack and database fail and whose clock jumps: it stays what a model says.

A failing seed is printed with the last steps, and is played again with
`SIMULATION_SEED=7 make test ARGS=tests/journeys/test_simulation.py`; SIMULATION_STEPS makes it longer.
"""

import os

import pytest

from tests.journeys.simulation.play import simulation

SEEDS = [int(os.environ["SIMULATION_SEED"])] if "SIMULATION_SEED" in os.environ else [1, 2, 3]
STEPS = int(os.environ.get("SIMULATION_STEPS", "150"))

# A process that is killed returns nothing to its pool.
pytestmark = pytest.mark.filterwarnings("ignore:The garbage collector is trying to clean up non-checked-in connection")


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_happens_the_desk_is_what_the_model_says(seed: int, database_url: str) -> None:
    async with simulation(seed, database_url) as run:
        await run.live(STEPS)
