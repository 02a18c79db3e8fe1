"""`/report times`: resolution times, the slowest tickets, and the time in each status."""

import asyncio

from handlers.reports.cards import resolution_times as cards
from handlers.reports.topics import register_topic
from handlers.slack.blocks import Message
from handlers.slack.router import Router
from rules.reports import queries
from rules.reports.daily import MIN_SHARE_TOTAL, report_day
from rules.reports.queries import ReportQuery, ReportTopic
from rules.reports.resolution_times import summarise_resolution_times
from rules.text import _
from services.desk import Desk
from storage.reports.resolution_times import resolved_between, team_names

RESOLUTION_TIME_DEFINITIONS = (
    _(
        "*Resolution time*: from creation to the solution. It counts on the day of the solution, for "
        "the team that had the ticket then and the person who resolved it; of several solutions in these days the last "
        "one counts, and a later reopening changes nothing. *Business hours*: how much of it was within the hours of "
        "the ticket's SLA, otherwise of its team, as they are set now. Time waiting for the customer counts in both."
    ),
    _(
        "*Median*: half of the tickets took no longer. *90th percentile*: nine out of ten took no longer; it is "
        "interpolated between two values. With fewer than {minimum} tickets both say little. *Time in each status*: "
        "how long all these tickets together were in each status, in business hours; in elapsed time where none of it "
        "was in business hours.",
        minimum=MIN_SHARE_TOTAL,
    ),
)


def register(on: Router) -> None:
    register_topic(
        on,
        ReportTopic("times"),
        answer_resolution_times,
        help=_("resolution times: median and 90th percentile by type, the slowest tickets, the time in each status"),
        definitions=RESOLUTION_TIME_DEFINITIONS,
    )


async def answer_resolution_times(desk: Desk, by: str, query: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    scope = queries.query_scope(policy, by, query)
    calendar = queries.report_calendar(policy, scope)
    today = report_day(calendar, None, now)
    first, last = queries.query_span(query, today.date)
    start, end = report_day(calendar, first, now).start, report_day(calendar, last, now).end
    if scope.teams is not None and not scope.teams <= policy.teams.keys():
        scope = queries.match_imported_team(policy, scope, await desk.read_in_worker(team_names))
    resolved = await desk.read_in_worker(resolved_between, start=start, end=end, teams=scope.teams, person=scope.person)
    counted = await asyncio.to_thread(summarise_resolution_times, resolved, policy)
    return cards.resolution_times_message(counted, scope, cards.DayRange(first, last, today), policy)
