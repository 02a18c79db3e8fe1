"""A lead closes an improvement item."""

from handlers.escalations.cards import outcomes as cards
from handlers.slack.blocks import Modal, page_modal, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission
from handlers.slack.router import Router
from rules.escalations.escalations import ImprovementKind
from rules.people.permissions import Permission
from rules.text import _
from services.desk import Desk
from services.escalations import improvement_items


def register(on: Router) -> None:
    on.action(Button.CLOSE_IMPROVEMENT_ITEM, Permission.CLOSE_IMPROVEMENT_ITEM)(open_close_item_form)
    on.view(Form.CLOSE_IMPROVEMENT_ITEM, Permission.CLOSE_IMPROVEMENT_ITEM)(close_item)


async def open_close_item_form(press: Press, desk: Desk) -> Modal:
    team, type_, kind = _parse_item(press.value)
    improvement_items.check_may_close(desk.policy, team, press.user)
    return cards.close_item_form(team, type_, kind, desk.policy)


async def close_item(form: Submission, desk: Desk) -> Modal:
    team, type_, kind = _parse_item(form.metadata)
    await desk.execute_once(form.key, improvement_items.close_item, team, type_, kind, by=form.user, note=form["note"])
    what_next = _("If experts reject an escalation for this again, the gap comes back and counts from one.")
    return page_modal(_("Marked fixed"), [section(what_next)])


def _parse_item(value: str) -> tuple[str, str, ImprovementKind]:
    """Team, type and kind of the item; OldCard when the button does not name one."""
    try:
        team, type_, kind = value.split("|")
        return team, type_, ImprovementKind(kind)
    except ValueError:
        raise OldCard from None
