"""`/report hours`: how long people were logged in, on breaks and busy with what, as they pressed it."""

from datetime import UTC, datetime, time, timedelta

from handlers.presence.cards import logged_time as cards
from handlers.reports.cards.resolution_times import Days
from handlers.slack.blocks import Message
from rules.model.policy import Policy
from rules.presence.logged_time import worked
from rules.reports import queries
from rules.reports.daily import Scope, day_of
from rules.reports.queries import Asked
from services.desk import Desk
from storage.presence.logged_time import floor_days
from storage.presence.shifts import hours_of

_ZONES = timedelta(days=1)  # no place is further from UTC


async def answer(desk: Desk, by: str, asked: Asked) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = queries.spelled(policy, queries.scope(policy, by, asked), ())
    today = day_of(queries.calendar_for(policy, whose), None, now)
    first, last = queries.span_meant(asked, today.date)
    start = datetime.combine(first, time(), UTC) - _ZONES
    end = datetime.combine(last, time(), UTC) + 2 * _ZONES
    people = _people(policy, whose)
    found = await desk.read_in_worker(floor_days, people, start=start, end=end)
    hours = await desk.read_in_worker(hours_of, people, policy=policy, team="", at=start)
    rows = [
        worked(
            who,
            found.pressed[who],
            found.leaves[who],
            hours[who],
            first=first,
            last=last,
            now=now,
        )
        for who in sorted(people, key=lambda who: (found.names[who].casefold(), who))
    ]
    return cards.answer(rows, whose, Days(first, last, today), policy)


def _people(policy: Policy, whose: Scope) -> list[str]:
    if whose.person is not None:
        return [whose.person]
    keys = policy.teams.keys() if whose.teams is None else whose.teams
    return list(dict.fromkeys(who for key in keys for who in policy.team(key).people))
