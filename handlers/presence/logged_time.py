"""`/report hours`: how long people were logged in, on breaks and busy with activities."""

from datetime import UTC, datetime, time, timedelta

from handlers.presence.cards import logged_time as cards
from handlers.reports.cards.resolution_times import DayRange
from handlers.reports.topics import people_in_scope, register_topic
from handlers.slack.blocks import Message
from handlers.slack.router import Router
from rules.people.permissions import Permission
from rules.presence.logged_time import sum_logged_time
from rules.reports import queries
from rules.reports.daily import report_day
from rules.reports.queries import ReportQuery, ReportTopic
from rules.text import _
from services.desk import Desk
from storage.presence.logged_time import presence_history
from storage.presence.time_entries import working_hours

_MAX_UTC_OFFSET = timedelta(days=1)  # no time zone is further from UTC

LOGGED_TIME_DEFINITIONS = (
    _(
        "A check-in (log in, break, busy) counts until the person's next one that day, or until their leave begins. "
        "One that nothing ended counts until the person's hours end that day, or until now: *not logged out*. "
        "One after hours that nothing ended isn't counted. Time before the first check-in isn't counted, "
        "and people who work past midnight check in again."
    ),
    _(
        "*Logged in* is all of it, *on tickets* is what is left without breaks and activities. Days follow each "
        "person's own clock. Leads see their teams, managers and admins everyone, everyone else their own. "
        "No check-in doesn't mean not working."
    ),
)


def register(on: Router) -> None:
    register_topic(
        on,
        ReportTopic("hours", permission=Permission.SEE_LOGGED_TIME),
        answer_logged_time,
        help=_("how long people were logged in, on breaks and busy"),
        definitions=LOGGED_TIME_DEFINITIONS,
    )


async def answer_logged_time(desk: Desk, by: str, query: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    scope = queries.match_imported_team(policy, queries.query_scope(policy, by, query), ())
    today = report_day(queries.report_calendar(policy, scope), None, now)
    first, last = queries.query_span(query, today.date)
    start = datetime.combine(first, time(), UTC) - _MAX_UTC_OFFSET
    end = datetime.combine(last, time(), UTC) + 2 * _MAX_UTC_OFFSET
    people = people_in_scope(policy, scope)
    logged = await desk.read_in_worker(presence_history, people, start=start, end=end)
    hours = await desk.read_in_worker(working_hours, people, policy=policy, team="", at=start)
    rows = [
        sum_logged_time(who, logged.actions[who], logged.leaves[who], hours[who], first=first, last=last, now=now)
        for who in sorted(people, key=lambda who: (logged.names[who].casefold(), who))
    ]
    return cards.logged_time_message(rows, scope, DayRange(first, last, today), policy)
