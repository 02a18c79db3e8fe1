"""An escalation goes to other experts, or is withdrawn."""

from handlers.escalations.cards import escalations as cards
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from rules.people.permissions import Permission
from services.desk import Desk
from services.escalations import escalations, redirects
from storage.escalations.escalations import redirect_chain
from storage.tickets.tickets import get_ticket


def register(on: Router) -> None:
    on.action(Button.REDIRECT, Permission.REDIRECT_ESCALATION)(open_redirect_form)
    on.view(Form.REDIRECT, Permission.REDIRECT_ESCALATION)(redirect_escalation)
    on.action(Button.WITHDRAW, Permission.WITHDRAW_ESCALATION)(withdraw_escalation)


async def open_redirect_form(press: Press, number: int, desk: Desk) -> Modal:
    permission = Permission.REDIRECT_ESCALATION
    asked = await desk.read(
        escalations.decidable_escalation, desk.policy, number, press.index, permission=permission, by=press.user
    )
    await desk.read(escalations.check_not_own, desk.policy, asked, by=press.user, at=desk.clock())
    ticket, before = await desk.read(get_ticket, number), await desk.read(redirect_chain, asked)
    return cards.redirect_form(ticket, asked, desk.policy, before)


async def redirect_escalation(form: Submission, number: int, desk: Desk) -> None:
    team, reason = form["team"], form["reason"]
    await desk.execute_once(form.key, redirects.redirect, number, form.index, by=form.user, team=team, reason=reason)


async def withdraw_escalation(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, redirects.withdraw, number, by=press.user)
