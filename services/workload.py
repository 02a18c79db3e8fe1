"""A lead hears when somebody's day is too full, once a day for each, and who could take what."""

from collections import defaultdict
from collections.abc import Sequence

from rules.calendars.calendars import is_open
from rules.calendars.timezones import time_zone
from rules.workload.workload import Overload
from services.desk import Desk
from services.notifications.recipients import leads_to_notify
from storage.assignment.overload import team_overloads
from storage.outbox import outbox
from storage.transaction import Transaction


async def warn_of_overload(desk: Desk) -> int:
    """Every team that is at work is looked at, beside the writer; how many people are overloaded."""
    found = 0
    for team in desk.policy.teams:
        if is_open(desk.policy.team_calendar(team), desk.clock()):
            full = await desk.read_in_worker(team_overloads, team, policy=desk.policy, at=desk.clock())
            found += len(full)
            if full:
                await desk.execute(notify_leads_of_overload, team, full)
    return found


def notify_leads_of_overload(tx: Transaction, team: str, full: Sequence[Overload]) -> None:
    """The team's leads, or who stands in for them, read it when it begins; later that day it is quiet."""
    day = tx.now.astimezone(time_zone(tx.policy.team_calendar(team).timezone)).date()
    for lead in leads_to_notify(tx, tx.policy.team(team)):
        for one in full:
            once = f"overload:{one.person}:{day}:{lead}"
            outbox.notify_person(tx, lead, number=None, text=overload_text(one), dedupe_key=once)


def overload_text(one: Overload) -> str:
    """What is too much, and the shortest way out."""
    parts = [f"{one.long_count} tickets of an hour or more"] if one.long_count else []
    parts += [f"{one.short_count} shorter ones"] if one.short_count else []
    head = f"⚠️ <@{one.person}> has more than a day holds: {' and '.join(parts)}, {one.minutes} min of work left."
    takes: dict[str, list[str]] = defaultdict(list)
    for number, taker in one.moves:
        takes[taker].append(f"#{number}")
    could = "; ".join(f"<@{taker}> could take {', '.join(numbers)}" for taker, numbers in takes.items())
    return f"{head} {could}." if could else f"{head} Nobody who is here and competent has room for any of it."
