"""A colleague reviews an escalation before it goes to the experts."""

from handlers.escalations.cards import peer_review as cards
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from rules.people.permissions import Permission
from services.desk import Desk
from services.escalations import peer_review


def register(on: Router) -> None:
    on.action(Button.FORWARD_TO_EXPERTS, Permission.REVIEW_ESCALATION)(forward_to_experts)
    on.action(Button.RETURN_ESCALATION, Permission.REVIEW_ESCALATION)(open_return_form)
    on.view(Form.RETURN_ESCALATION, Permission.REVIEW_ESCALATION)(return_escalation)


async def forward_to_experts(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, peer_review.forward_to_experts, number, press.index, by=press.user)


async def open_return_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket, _ = await desk.execute(peer_review.lock_reviewable, number, press.index, by=press.user)
    return cards.return_form(ticket, press.index, desk.policy)


async def return_escalation(form: Submission, number: int, desk: Desk) -> None:
    comment = form["comment"]
    await desk.execute_once(form.key, peer_review.return_to_asker, number, form.index, by=form.user, comment=comment)
