"""The business hours that the jobs of each team follow: its zone, whether it is open, its next daily summary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.runtime.jobs import open_desks
from bot.settings import Settings
from rules.calendars.calendars import is_open, next_opening
from rules.reports.summaries import next_summary_at
from services.desk import Desk


@dataclass(frozen=True, slots=True)
class TeamHours:
    """`opens_at` is now while the team is open; `summary_at` is None for a team without a daily summary."""

    team: str
    zone: str
    is_open: bool
    opens_at: datetime
    summary_at: datetime | None


async def team_hours(settings: Settings) -> list[TeamHours]:
    async with open_desks(settings) as opened:
        return [row for desk in opened for row in _hours_of_desk(desk)]


def _hours_of_desk(desk: Desk) -> Iterator[TeamHours]:
    now = desk.clock()
    for team in desk.policy.teams.values():
        calendar = desk.policy.team_calendar(team.key)
        opens_at, summary_at = next_opening(calendar, now), next_summary_at(team, calendar, now)
        yield TeamHours(team.name, calendar.timezone, is_open(calendar, now), opens_at, summary_at)
