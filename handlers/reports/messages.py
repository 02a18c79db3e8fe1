"""The summary of a team's day, and each person's own; and the job that sends them."""

from datetime import timedelta

from handlers.outbox import RenderContext, RenderedMessage
from handlers.registry import Registry
from handlers.reports.cards import summaries as cards
from rules.reports.summaries import PersonSummary, TeamSummary
from services.summaries import SUMMARY, send_summaries
from storage.json_values import from_json
from storage.schema.tickets import OutboxMessage


def register(on: Registry) -> None:
    on.message(SUMMARY)(render_summary)
    on.job("summaries.tell", order=60, every=timedelta(minutes=1))(send_summaries)


def render_summary(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    """A summary is history: it shows the numbers that it was queued with."""
    if "own" in row.data:
        own = from_json(PersonSummary, row.data["own"])
        return RenderedMessage(cards.personal_summary(own, context.policy, context.now))
    return RenderedMessage(cards.team_summary(from_json(TeamSummary, row.data["team"]), context.policy))
