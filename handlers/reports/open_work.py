"""`/report who`: open work by assignee and day created, with who has the most tickets and the most breached ones."""

from handlers.reports.cards import open_work as cards
from handlers.reports.topics import people_in_scope, register_topic
from handlers.slack.blocks import Message
from handlers.slack.router import Router
from rules.reports import queries
from rules.reports.daily import build_daily_report, report_day
from rules.reports.open_work import open_work_by_assignee
from rules.reports.queries import ReportPeriod, ReportQuery, ReportTopic
from rules.text import _
from services.desk import Desk
from storage.reports.daily import daily_facts
from storage.reports.open_work import days_created
from storage.workload import workloads

OPEN_WORK_DEFINITIONS = (
    _(
        "*Open*: the open tickets assigned to that person, by the day they were created. *Work*: the usual handling "
        "time of these tickets' types, less the time spent on them; tickets that wait for the customer or for experts "
        "are left out, and for an earlier day it is not known. Ticket counts are no ranking: tickets differ in size, "
        "and people with many were assigned many."
    ),
)


def register(on: Router) -> None:
    register_topic(
        on,
        ReportTopic("who", ReportPeriod.DAY),
        answer_open_work,
        help=_("open tickets by assignee and day created, the most loaded people first"),
        definitions=OPEN_WORK_DEFINITIONS,
    )


async def answer_open_work(desk: Desk, by: str, query: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    scope = queries.query_scope(policy, by, query)
    calendar = queries.report_calendar(policy, scope)
    _, last = queries.query_span(query, report_day(calendar, None, now).date)
    day = report_day(calendar, last, now)
    facts = await desk.read_in_worker(daily_facts, day)
    scope = queries.match_imported_team(policy, scope, facts.teams)
    report = build_daily_report(facts, scope)
    work = open_work_by_assignee(report, await desk.read_in_worker(days_created, day, scope))
    minutes: dict[str, int] = {}
    if day.is_today:
        shown = [one.person for one in cards.people_shown(work) if one.person]
        loads = await desk.read_in_worker(workloads, shown, policy=policy, at=now, teams=scope.teams)
        minutes = {person: load.minutes for person, load in loads.items()}
    team = [] if scope.person is not None else people_in_scope(policy, scope)
    return cards.open_work_message(work, scope, day, policy, minutes=minutes, team=team)
