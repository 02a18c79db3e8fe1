"""`/report escalations`: outcomes of what a team escalated and was asked, for its leads; others read their own."""

import asyncio
from datetime import timedelta

from handlers.charts.charts import ChartedMessage
from handlers.escalations.cards import outcomes as cards
from handlers.reports.topics import register_topic
from handlers.slack.blocks import Message
from handlers.slack.router import Router
from rules.escalations import outcomes as rules
from rules.reports import queries
from rules.reports.daily import report_day
from rules.reports.queries import ReportPeriod, ReportQuery, ReportTopic
from rules.text import _
from services.desk import Desk
from storage.escalations import improvement_items
from storage.escalations.outcomes import escalations_between, escalations_with_names, teams_of_escalations


def register(on: Router) -> None:
    topic = ReportTopic("escalations", ReportPeriod.SINCE)
    register_topic(on, topic, answer_escalations, help=_("escalation outcomes by team, type and person, last 90 days"))


async def answer_escalations(desk: Desk, by: str, query: ReportQuery) -> Message | ChartedMessage:
    policy, now = desk.policy, desk.clock()
    scope = queries.query_scope(policy, by, query)
    calendar = queries.report_calendar(policy, scope)
    first, last = queries.query_span(query, report_day(calendar, None, now).date)
    start, end = report_day(calendar, first, now).start, report_day(calendar, last, now).end + timedelta(microseconds=1)
    if scope.person is not None:
        own = await desk.read_in_worker(escalations_between, start=start, end=end, person=scope.person)
        empty = cards.OutcomesView((), (), (), {}, first, last, policy)
        outcomes, types = rules.count_outcomes(own), rules.outcomes_by_type(own)
        return cards.personal_outcomes(outcomes, types, empty)
    if scope.teams is not None and not scope.teams <= policy.teams.keys():
        imported = await desk.read_in_worker(teams_of_escalations, start=start, end=end)
        scope = queries.match_imported_team(policy, scope, imported)
    escalated, names = await desk.read_in_worker(escalations_with_names, start=start, end=end, teams=scope.teams)
    received = escalated
    if scope.teams is not None:
        received = await desk.read_in_worker(escalations_between, start=start, end=end, experts=scope.teams)
    counted = await asyncio.to_thread(rules.outcomes_by_team, escalated, names, now=now)
    open_ = await desk.read_in_worker(improvement_items.open_items, scope.teams, limit=cards.ITEMS_SHOWN)
    closed = await desk.read_in_worker(improvement_items.closed_items, scope.teams, limit=cards.CLOSED_ITEMS_SHOWN)
    view = cards.OutcomesView(
        counted,
        open_,
        closed,
        names,
        first,
        last,
        policy,
        viewer=by,
        asked_of_experts=rules.outcomes_by_expert_team(received),
        item_counts=await desk.read_in_worker(improvement_items.item_counts, scope.teams),
    )
    message = cards.team_outcomes(view)
    chart = cards.acceptance_chart_of(counted[0], view) if len(counted) == 1 else None
    return message if chart is None else ChartedMessage(message, message.blocks, chart)
