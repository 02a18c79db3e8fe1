"""`/report hours`: how long people were logged in, on breaks and busy with what, as they pressed it."""

from datetime import UTC, datetime, time, timedelta

from desk.desk import Desk
from handlers.cards import hours as cards
from handlers.cards.blocks import Message
from handlers.cards.times import Days
from rules import report_questions as questions
from rules.hours import worked
from rules.policy import Policy
from rules.report_questions import Asked
from rules.reports import Scope, day_of
from storage.hours import floor_days
from storage.shifts import hours_of

_ZONES = timedelta(days=1)  # no place is further from UTC


async def answer(desk: Desk, by: str, asked: Asked) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = questions.spelled(policy, questions.scope(policy, by, asked), ())
    today = day_of(questions.calendar_for(policy, whose), None, now)
    first, last = questions.span_meant(asked, today.date)
    start = datetime.combine(first, time(), UTC) - _ZONES
    end = datetime.combine(last, time(), UTC) + 2 * _ZONES
    people = _people(policy, whose)
    found = await desk.ask_aside(floor_days, people, start=start, end=end)
    hours = await desk.ask_aside(hours_of, people, policy=policy, team="", at=start)
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
