"""`/report hours`: how long people were logged in, on breaks and busy with what, as they pressed it."""

from datetime import UTC, datetime, time, timedelta

from handlers.presence.cards import logged_time as cards
from handlers.reports.cards.resolution_times import DayRange
from handlers.slack.blocks import Message
from rules.model.policy import Policy
from rules.presence.logged_time import sum_logged_time
from rules.reports import queries
from rules.reports.daily import ReportScope, report_day
from rules.reports.queries import ReportQuery
from services.desk import Desk
from storage.presence.logged_time import presence_history
from storage.presence.shifts import working_hours

_MAX_UTC_OFFSET = timedelta(days=1)  # no place is further from UTC


async def answer_logged_time(desk: Desk, by: str, asked: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = queries.match_imported_team(policy, queries.query_scope(policy, by, asked), ())
    today = report_day(queries.report_calendar(policy, whose), None, now)
    first, last = queries.query_span(asked, today.date)
    start = datetime.combine(first, time(), UTC) - _MAX_UTC_OFFSET
    end = datetime.combine(last, time(), UTC) + 2 * _MAX_UTC_OFFSET
    people = _people_in_scope(policy, whose)
    found = await desk.read_in_worker(presence_history, people, start=start, end=end)
    hours = await desk.read_in_worker(working_hours, people, policy=policy, team="", at=start)
    rows = [
        sum_logged_time(
            who,
            found.actions[who],
            found.leaves[who],
            hours[who],
            first=first,
            last=last,
            now=now,
        )
        for who in sorted(people, key=lambda who: (found.names[who].casefold(), who))
    ]
    return cards.logged_time_message(rows, whose, DayRange(first, last, today), policy)


def _people_in_scope(policy: Policy, whose: ReportScope) -> list[str]:
    if whose.person is not None:
        return [whose.person]
    keys = policy.teams.keys() if whose.teams is None else whose.teams
    return list(dict.fromkeys(who for key in keys for who in policy.team(key).people))
