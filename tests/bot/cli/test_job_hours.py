"""By whose hours each team's jobs go."""

from bot.cli.job_hours import team_hours
from services.desk import Desk
from tests.bot.runtime.test_jobs import settings


async def test_each_team_is_told_with_its_zone_and_its_next_summary(desk: Desk, database_url: str) -> None:
    support, network = await team_hours(settings(database_url))

    assert (support.team, support.zone, support.summary_at is not None) == ("Support", "Europe/Warsaw", True)
    assert (network.team, network.summary_at) == ("Network", None)
