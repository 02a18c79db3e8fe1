"""Escalating a ticket to experts, and their decision."""

from handlers.escalations.cards import escalations as cards
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import ticket_for_form
from rules.escalations.escalations import RejectionReason
from rules.people.permissions import Permission
from rules.text import _
from services.desk import Desk
from services.escalations import escalations
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket


def register(on: Router) -> None:
    on.action(Button.ESCALATE, Permission.ESCALATE)(open_escalate_form)
    on.view(Form.ESCALATE, Permission.ESCALATE)(escalate)
    on.action(Button.ACCEPT, Permission.ACCEPT_ESCALATION)(accept)
    on.action(Button.REJECT, Permission.REJECT_ESCALATION)(open_reject_form)
    on.view(Form.REJECT, Permission.REJECT_ESCALATION)(reject)
    on.action(Button.REQUEST_INFO, Permission.REQUEST_INFO)(open_request_info_form)
    on.view(Form.REQUEST_INFO, Permission.REQUEST_INFO)(request_info)


async def open_escalate_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.ESCALATE, by=press.user)
    await desk.read(escalations.check_escalatable, desk.policy, ticket)
    return cards.escalate_form(ticket, desk.policy)


async def escalate(form: Submission, number: int, desk: Desk) -> None:
    team, why, tried = form["team"], form["why"], form["tried"]
    await desk.execute_once(form.key, escalations.escalate, number, by=form.user, team=team, why=why, tried=tried)


async def accept(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, escalations.accept, number, press.index, by=press.user)


async def open_reject_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await _ticket_to_decide(desk, press, number, Permission.REJECT_ESCALATION)
    return cards.reject_form(ticket, press.index, desk.policy)


async def reject(form: Submission, number: int, desk: Desk) -> None:
    reason, comment = form.choice(RejectionReason, "advice", missing=_("Choose one of the reasons.")), form["comment"]
    await desk.execute_once(
        form.key, escalations.reject, number, form.index, by=form.user, reason=reason, comment=comment
    )


async def open_request_info_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await _ticket_to_decide(desk, press, number, Permission.REQUEST_INFO)
    return cards.request_info_form(ticket, press.index, desk.policy)


async def request_info(form: Submission, number: int, desk: Desk) -> None:
    question = form["question"]
    await desk.execute_once(form.key, escalations.request_info, number, form.index, by=form.user, question=question)


async def _ticket_to_decide(desk: Desk, press: Press, number: int, permission: Permission) -> Ticket:
    """The ticket in question; what is decided already, or not theirs to decide, is refused before anyone types."""
    asked = await desk.read(
        escalations.decidable_escalation, desk.policy, number, press.index, permission=permission, by=press.user
    )
    await desk.read(escalations.check_not_own, desk.policy, asked, by=press.user, at=desk.clock())
    return await desk.read(get_ticket, number)
