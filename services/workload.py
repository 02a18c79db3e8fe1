"""A lead hears when somebody's day is too full, once a day for each, and who could take what."""

from collections import defaultdict
from collections.abc import Sequence

from rules.calendars.calendars import is_open
from rules.calendars.timezones import zone
from rules.workload.workload import Overload
from services.desk import Desk
from services.notifications.recipients import leads_called
from storage.assignment.overload import overloads
from storage.outbox import outbox
from storage.transaction import Transaction


async def warn(desk: Desk) -> int:
    """Every team that is at work is looked at, beside the writer; how many people are overloaded."""
    found = 0
    for team in desk.policy.teams:
        if is_open(desk.policy.calendar_of(team), desk.clock()):
            full = await desk.read_in_worker(overloads, team, policy=desk.policy, at=desk.clock())
            found += len(full)
            if full:
                await desk.execute(tell, team, full)
    return found


def tell(tx: Transaction, team: str, full: Sequence[Overload]) -> None:
    """The team's leads, or who stands in for them, read it when it begins; later that day it is quiet."""
    day = tx.now.astimezone(zone(tx.policy.calendar_of(team).timezone)).date()
    for lead in leads_called(tx, tx.policy.team(team)):
        for one in full:
            once = f"overload:{one.person}:{day}:{lead}"
            outbox.notice(tx, lead, number=None, words=words(one), once=once)


def words(one: Overload) -> str:
    """What is too much, and the shortest way out."""
    parts = [f"{one.long} tickets of an hour or more"] if one.long else []
    parts += [f"{one.short} shorter ones"] if one.short else []
    head = f"⚠️ <@{one.person}> has more than a day holds: {' and '.join(parts)}, {one.minutes} min of work left."
    takes: dict[str, list[str]] = defaultdict(list)
    for number, taker in one.moves:
        takes[taker].append(f"#{number}")
    could = "; ".join(f"<@{taker}> could take {', '.join(numbers)}" for taker, numbers in takes.items())
    return f"{head} {could}." if could else f"{head} Nobody who is here and competent has room for any of it."
