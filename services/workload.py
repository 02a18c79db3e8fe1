"""Leads are notified when a person's day is too full, once a day for each, with who could take what."""

from collections import defaultdict
from collections.abc import Sequence

from rules.calendars.calendars import is_open
from rules.calendars.timezones import local_date
from rules.workload.workload import Overload
from services.desk import Desk
from services.notifications.notifications import notify_leads
from storage.assignment.overload import team_overloads
from storage.transaction import Transaction


async def warn_of_overload(desk: Desk) -> int:
    count = 0
    for team in desk.policy.teams:
        if is_open(desk.policy.team_calendar(team), desk.clock()):
            overloaded = await desk.read_in_worker(team_overloads, team, policy=desk.policy, at=desk.clock())
            count += len(overloaded)
            if overloaded:
                await desk.execute(notify_leads_of_overload, team, overloaded)
    return count


def notify_leads_of_overload(tx: Transaction, team: str, overloaded: Sequence[Overload]) -> None:
    day = local_date(tx.now, tx.policy.team_calendar(team).timezone)
    for overload in overloaded:
        notify_leads(tx, team, text=overload_text(overload), dedupe_key=f"overload:{overload.person}:{day}")


def overload_text(overload: Overload) -> str:
    parts = [f"{overload.long_count} tickets of an hour or more"] if overload.long_count else []
    parts += [f"{overload.short_count} shorter ones"] if overload.short_count else []
    head = (
        f"⚠️ <@{overload.person}> has more than a day holds: {' and '.join(parts)}, {overload.minutes} min of work left."
    )
    numbers_of: dict[str, list[str]] = defaultdict(list)
    for number, taker in overload.moves:
        numbers_of[taker].append(f"#{number}")
    suggestion = "; ".join(f"<@{taker}> could take {', '.join(numbers)}" for taker, numbers in numbers_of.items())
    return f"{head} {suggestion}." if suggestion else f"{head} Nobody who is here and competent has room for any of it."
