"""The ⋯ menu of a ticket's card: each capability adds its lines when it registers."""

from collections.abc import Callable
from dataclasses import dataclass

from handlers.slack.blocks import Element, overflow_menu
from handlers.slack.ids import Button
from rules.model.policy import Policy
from rules.text import Text
from storage.schema.tickets import Ticket


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line under ⋯: a lower `order` is shown higher; Slack shows five."""

    label: Text | str
    order: int
    is_shown: Callable[[Ticket, Policy], bool] = lambda ticket, policy: True


_ENTRIES: dict[str, MenuEntry] = {}


def add_menu_entry(choice: str, entry: MenuEntry) -> None:
    _ENTRIES[str(choice)] = entry


def menu_entries() -> dict[str, MenuEntry]:
    """Every line by its choice, the topmost first."""
    return dict(sorted(_ENTRIES.items(), key=lambda item: item[1].order))


def ticket_menu(ticket: Ticket, policy: Policy) -> Element:
    shown = [(choice, one) for choice, one in menu_entries().items() if one.is_shown(ticket, policy)]
    return overflow_menu(Button.MORE_MENU, [(one.label, f"{choice}:{ticket.number}") for choice, one in shown])
