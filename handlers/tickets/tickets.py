"""Working on a ticket from its card: take, resolve, reopen, and the choices under ⋯."""

from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form, More
from handlers.slack.menus import MenuEntry
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import ticket_for_form
from handlers.tickets.cards import forms
from handlers.tickets.cards.ticket import open_step
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.people.permissions import Permission
from rules.text import _
from services.desk import Desk
from services.tickets import corrections, tickets
from services.tickets.corrections import Correction
from storage.schema.tickets import Ticket


def register(on: Router) -> None:
    reopen = MenuEntry(_("Reopen"), 10, lambda ticket, policy: ticket.status in DONE_STATUSES)
    wait = MenuEntry(_("Wait for customer"), 20, lambda ticket, policy: ticket.status is Status.IN_PROGRESS)
    note = MenuEntry(_("Note…"), 40, lambda ticket, policy: not _works_on_step(ticket, policy))
    change = MenuEntry(_("Change…"), 50, lambda ticket, policy: ticket.status not in DONE_STATUSES)
    on.menu(More.REOPEN, Permission.REOPEN_TICKET, reopen)(open_reopen_form)
    on.menu(More.WAIT_FOR_CUSTOMER, Permission.WAIT_FOR_CUSTOMER, wait)(wait_for_customer)
    on.menu(More.REPLY, Permission.REPLY_TO_REQUESTER, MenuEntry(_("Reply…"), 30, _has_no_reply_button))(
        open_reply_form
    )
    on.menu(More.NOTE, Permission.ADD_NOTE, note)(open_note_form)
    on.menu(More.CHANGE, Permission.CHANGE_TICKET, change)(open_change_form)
    on.action(Button.TAKE, Permission.TAKE_TICKET)(take_ticket)
    on.action(Button.RESOLVE, Permission.RESOLVE_TICKET)(open_resolve_form)
    on.view(Form.RESOLVE, Permission.RESOLVE_TICKET)(resolve_ticket)
    on.action(Button.REPLY, Permission.REPLY_TO_REQUESTER)(open_reply_form)
    on.view(Form.REPLY, Permission.REPLY_TO_REQUESTER)(reply_to_requester)
    on.view(Form.NOTE, Permission.ADD_NOTE)(add_note)
    on.action(Button.CHANGE, Permission.CHANGE_TICKET)(open_change_form)
    on.view(Form.CHANGE, Permission.CHANGE_TICKET)(change_ticket)
    on.action(Button.REOPEN, Permission.REOPEN_TICKET)(open_reopen_form)
    on.view(Form.REOPEN, Permission.REOPEN_TICKET)(reopen_ticket)


async def take_ticket(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, tickets.take, number, by=press.user)


async def open_resolve_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.RESOLVE_TICKET, tickets.check_resolvable, by=press.user)
    return forms.resolve_form(ticket, desk.policy)


async def resolve_ticket(form: Submission, number: int, desk: Desk) -> None:
    await desk.execute_once(form.key, tickets.resolve, number, by=form.user, solution=form["solution"])


async def open_reply_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.REPLY_TO_REQUESTER, by=press.user)
    return forms.reply_form(ticket, desk.policy)


async def reply_to_requester(form: Submission, number: int, desk: Desk) -> None:
    await desk.execute_once(form.key, tickets.reply, number, by=form.user, text=form["text"])


async def open_note_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.ADD_NOTE, by=press.user)
    return forms.note_form(ticket, desk.policy)


async def add_note(form: Submission, number: int, desk: Desk) -> None:
    await desk.execute_once(form.key, tickets.add_note, number, by=form.user, text=form["text"])


async def open_change_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.CHANGE_TICKET, corrections.check_correctable, by=press.user)
    return forms.change_form(ticket, desk.policy)


async def change_ticket(form: Submission, number: int, desk: Desk) -> None:
    to, seen = Correction(**forms.TicketCorrection.read(form).model_dump()), form.index
    await desk.execute_once(form.key, corrections.correct_ticket, number, by=form.user, to=to, last_seen_seq=seen)


async def open_reopen_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.REOPEN_TICKET, tickets.check_reopenable, by=press.user)
    return forms.reopen_form(ticket, desk.policy)


async def reopen_ticket(form: Submission, number: int, desk: Desk) -> None:
    await desk.execute_once(form.key, tickets.reopen, number, by=form.user, reason=form["reason"])


async def wait_for_customer(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, tickets.wait_for_customer, number, by=press.user)


def _has_no_reply_button(ticket: Ticket, policy: Policy) -> bool:
    return ticket.status is not Status.IN_PROGRESS or _works_on_step(ticket, policy)


def _works_on_step(ticket: Ticket, policy: Policy) -> bool:
    """Then the button is the step's; what the team writes in the thread is a note anyway."""
    return ticket.status is Status.IN_PROGRESS and open_step(ticket, policy) is not None
