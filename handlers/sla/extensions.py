"""Extending a due time: asked for in a form, granted at once or by the lead."""

from handlers.sla.cards import extensions as cards
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import ticket_for_form
from rules.model.timers import TimerKind
from rules.people.permissions import Permission
from services.desk import Desk
from services.sla import extensions
from storage.sla import timers


def register(on: Router) -> None:
    on.action(Button.EXTEND, Permission.EXTEND_TARGET)(open_extension_form)
    on.view(Form.EXTEND, Permission.EXTEND_TARGET)(extend_deadline)
    on.action(Button.GRANT_EXTENSION, Permission.DECIDE_EXTENSION)(grant_extension)
    on.action(Button.REFUSE_EXTENSION, Permission.DECIDE_EXTENSION)(refuse_extension)


async def open_extension_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.EXTEND_TARGET, extensions.check_extendable, by=press.user)
    ticking = await desk.read(timers.ticket_timers, ticket.number)
    return cards.extension_form(ticket, ticking, desk.policy, desk.clock())


async def extend_deadline(form: Submission, number: int, desk: Desk) -> Modal | None:
    is_extended = await desk.execute_once(
        form.key,
        extensions.extend_timer,
        number,
        by=form.user,
        target=form.choice(TimerKind, "target"),
        more=form["more"],
        reason=form["reason"],
    )
    return None if is_extended else cards.extension_requested_page(number)


async def grant_extension(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, extensions.answer_extension, number, press.index, by=press.user, granted=True)


async def refuse_extension(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, extensions.answer_extension, number, press.index, by=press.user, granted=False)
