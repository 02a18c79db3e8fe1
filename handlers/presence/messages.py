"""The presence board of a team's day; and the job that posts and updates it."""

from datetime import date, timedelta

from handlers.outbox import RenderContext, RenderedMessage
from handlers.presence.cards import presence as cards
from handlers.registry import Registry
from rules.calendars.timezones import local_date
from services.presence.board import update_boards
from storage.people import people
from storage.presence.board import PRESENCE_BOARD
from storage.presence.presence import presence_by_person
from storage.schema.tickets import OutboxMessage


def register(on: Registry) -> None:
    on.message(PRESENCE_BOARD)(render_presence_board)
    on.job("floor.keep", order=140, every=timedelta(minutes=1))(update_boards)


def render_presence_board(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """A past day's board keeps one line and loses its buttons."""
    day, _, key = row.subject.partition(":")
    if key not in context.policy.teams:
        return None
    team, on = context.policy.team(key), date.fromisoformat(day)
    if on != local_date(context.now, context.policy.team_calendar(key).timezone):
        return RenderedMessage(cards.past_presence_board(team, on))
    presences_now = presence_by_person(context.reader, team.people, policy=context.policy, team=key, at=context.now)
    names = people.names_of(context.reader, team.people)
    return RenderedMessage(cards.presence_board(team, on, presences_now, names, context.policy))
