"""Giving a ticket to somebody, and their answer."""

from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment.cards import forms
from handlers.people import slack_status
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal, ticket_for_form
from rules.model.policy import Policy
from rules.people.permissions import Permission
from services.assignment import assignments
from services.desk import Desk
from storage.assignment.candidates import assignee_choices
from storage.schema.tickets import Ticket


def register(on: Router) -> None:
    on.action(Button.ASSIGN)(open_assign_form)
    on.view(Form.ASSIGN)(assign_ticket)
    on.action(Button.START)(start_ticket)
    on.action(Button.PASS)(open_pass_form)
    on.view(Form.PASS)(pass_ticket_back)


async def open_assign_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.ASSIGN_TICKET, assignments.check_assignable)
    could = _possible_assignees(desk.policy, ticket)
    found = await desk.read(assignee_choices, ticket, could, policy=desk.policy, at=desk.clock(), viewer=press.user)
    said = await slack_status.known_slack_statuses(desk, [one.person for one in found.candidates])
    view = await open_modal(client, press, forms.assign_form(ticket, desk.policy, found, said))
    await ack()
    if said:
        draw = partial(forms.assign_form, ticket, desk.policy, found)
        desk.background_tasks.start(slack_status.add_presence_to_form(desk, client, view, said, draw))


async def assign_ticket(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    number, seen = sent.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(
            sent.key,
            assignments.assign_ticket,
            number,
            to=sent.answer("assignee"),
            by=sent.user,
            last_seen_seq=seen,
            reason=sent.answer("reason"),
        )
    await ack()


async def start_ticket(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    async with redraw_on_refusal(desk, press.ticket):
        await desk.execute_once(press.key, assignments.start_work, press.ticket, by=press.user)
    await ack()


async def open_pass_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(
        desk, press, Permission.PASS_OFFER, lambda ticket: assignments.check_passable(ticket, press.user)
    )
    await open_modal(client, press, forms.pass_form(ticket, desk.policy))
    await ack()


async def pass_ticket_back(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(
            sent.key, assignments.pass_ticket_back, sent.ticket, by=sent.user, reason=sent.answer("reason")
        )
    await ack()


def _possible_assignees(policy: Policy, ticket: Ticket) -> list[str]:
    """Everyone of the team that has it and of its first line, but not who holds it now."""
    people = (*policy.team(ticket.team).people, *policy.team(ticket.first_line).people)
    return [one for one in dict.fromkeys(people) if one != ticket.assignee]
