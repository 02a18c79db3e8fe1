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
from handlers.slack.ticket_actions import about, show, up_to_date
from rules.model.policy import Policy
from rules.people.permissions import Deed
from services.assignment import assignments
from services.desk import Desk
from storage.assignment.candidates import choices
from storage.schema.tickets import Ticket


def register(on: Router) -> None:
    on.action(Button.ASSIGN)(ask_whom)
    on.view(Form.ASSIGN)(assign)
    on.action(Button.START)(start)
    on.action(Button.PASS)(ask_why)
    on.view(Form.PASS)(pass_back)


async def ask_whom(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.ASSIGN, assignments.assignable)
    could = _could_hold(desk.policy, ticket)
    found = await desk.read(choices, ticket, could, policy=desk.policy, at=desk.clock(), viewer=press.by)
    said = await slack_status.of_first(desk, [one.person for one in found.people])
    view = await show(client, press, forms.assign(ticket, desk.policy, found, said))
    await ack()
    if said:
        draw = partial(forms.assign, ticket, desk.policy, found)
        desk.background_tasks.start(slack_status.add_presence(desk, client, view, said, draw))


async def assign(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, seen = sent.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(
            sent.key,
            assignments.assign,
            number,
            to=sent.says("assignee"),
            by=sent.by,
            since=seen,
            reason=sent.says("reason"),
        )
    await ack()


async def start(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.execute_once(press.key, assignments.start, press.number, by=press.by)
    await ack()


async def ask_why(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.PASS, lambda ticket: assignments.passable(ticket, press.by))
    await show(client, press, forms.pass_on(ticket, desk.policy))
    await ack()


async def pass_back(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(sent.key, assignments.pass_back, sent.number, by=sent.by, reason=sent.says("reason"))
    await ack()


def _could_hold(policy: Policy, ticket: Ticket) -> list[str]:
    """Everyone of the team that has it and of its first line, but not who holds it now."""
    people = (*policy.team(ticket.team).people, *policy.team(ticket.first_line).people)
    return [one for one in dict.fromkeys(people) if one != ticket.assignee]
