"""Leads are notified when a person's day is too full, once a day for each, with who could take what."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rules.calendars.calendars import is_open
from rules.calendars.timezones import local_date
from rules.text import Person, Text, WorkTime, _, join_texts, join_tickets, ngettext
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


def overload_text(overload: Overload) -> Text:
    numbers_by_taker: dict[str, list[int]] = defaultdict(list)
    for number, taker in overload.moves:
        numbers_by_taker[taker].append(number)
    suggestions = [
        _("{person} could take {tickets}.", person=Person(taker), tickets=join_tickets(numbers))
        for taker, numbers in numbers_by_taker.items()
    ]
    nobody = _("No available teammate with the skill has capacity.")
    return join_texts([_load_text(overload), *(suggestions or [nobody])])


def _load_text(overload: Overload) -> Text:
    """Tickets are long from an hour of handling time on."""
    return _(
        "⚠️ {person} has more work than fits in a day: {work} left · {tickets}.",
        person=Person(overload.person),
        work=WorkTime(overload.minutes * 60),
        tickets=join_texts(_ticket_counts(overload), " · "),
    )


def _ticket_counts(overload: Overload) -> Iterator[Text]:
    if overload.long_count:
        yield ngettext("{n} ticket of an hour or more", "{n} tickets of an hour or more", overload.long_count)
    if overload.short_count:
        yield ngettext("{n} shorter ticket", "{n} shorter tickets", overload.short_count)
