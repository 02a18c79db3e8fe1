"""Presence on Home: the person's status, and the leave and shifts that they can cancel."""

from handlers.home_sections import HomeView
from handlers.presence.cards import presence, shifts
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block
from storage.presence.presence import presence_of
from storage.presence.time_entries import current_entries
from storage.schema.people import LeaveEntry, ShiftEntry


def register(on: Registry) -> None:
    on.home_section(order=60)(render_presence)


def render_presence(view: HomeView) -> list[Block]:
    if not view.own_teams:
        return []
    status = presence_of(view.reader, view.person, policy=view.policy, at=view.now)
    leaves = current_entries(view.reader, LeaveEntry, [view.person], at=view.now)
    own_shifts = current_entries(view.reader, ShiftEntry, [view.person], at=view.now)
    return [
        blocks.divider(),
        *presence.own_presence(view.person, status, leaves, view.policy, view.now),
        *shifts.upcoming_shifts(own_shifts, view.policy, view.now),
    ]
