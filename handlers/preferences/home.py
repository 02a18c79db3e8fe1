"""The alert preference on Home."""

from handlers.home_sections import HomeView
from handlers.preferences.cards import alert_preference_menu
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block
from storage.preferences import alert_channels


def register(on: Registry) -> None:
    on.home_section(order=70)(render_alert_preference)


def render_alert_preference(view: HomeView) -> list[Block]:
    if not view.own_teams:
        return []
    channel = alert_channels(view.reader, [view.person])[view.person]
    return [blocks.divider(), alert_preference_menu(channel)]
