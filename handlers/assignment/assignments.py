"""Assigning a ticket, and the assignee's answer."""

from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment.cards import forms
from handlers.people import slack_status
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form
from handlers.slack.modals import open_modal
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import ticket_for_form
from rules.model.policy import Policy
from rules.people.permissions import Permission
from services.assignment import assignments
from services.desk import Desk
from storage.assignment.candidates import assignee_choices
from storage.schema.tickets import Ticket


def register(on: Router) -> None:
    on.action(Button.ASSIGN, Permission.ASSIGN_TICKET)(open_assign_form)
    on.view(Form.ASSIGN, Permission.ASSIGN_TICKET)(assign_ticket)
    on.action(Button.START, Permission.START_WORK)(start_ticket)
    on.action(Button.PASS, Permission.PASS_OFFER)(open_pass_form)
    on.view(Form.PASS, Permission.PASS_OFFER)(pass_ticket_back)


async def open_assign_form(press: Press, number: int, client: AsyncWebClient, desk: Desk) -> None:
    ticket = await ticket_for_form(desk, number, Permission.ASSIGN_TICKET, assignments.check_assignable, by=press.user)
    could = _possible_assignees(desk.policy, ticket)
    found = await desk.read(assignee_choices, ticket, could, policy=desk.policy, at=desk.clock(), viewer=press.user)
    said = await slack_status.known_slack_statuses(desk, [one.person for one in found.candidates])
    form = forms.assign_form(ticket, desk.policy, found, said)
    view = await open_modal(client, press.trigger_id, form, opened_in=press.view)
    if said:
        draw = partial(forms.assign_form, ticket, desk.policy, found)
        task = slack_status.add_presence_to_form(desk, client, view, said, draw)
        desk.background_tasks.start(task, notify=None)


async def assign_ticket(form: Submission, number: int, desk: Desk) -> None:
    to, reason, seen = form["assignee"], form["reason"], form.index
    await desk.execute_once(
        form.key, assignments.assign_ticket, number, to=to, by=form.user, last_seen_seq=seen, reason=reason
    )


async def start_ticket(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, assignments.start_work, number, by=press.user)


async def open_pass_form(press: Press, number: int, desk: Desk) -> Modal:
    def check(ticket: Ticket) -> None:
        assignments.check_passable(ticket, press.user)

    ticket = await ticket_for_form(desk, number, Permission.PASS_OFFER, check, by=press.user)
    return forms.pass_form(ticket, desk.policy)


async def pass_ticket_back(form: Submission, number: int, desk: Desk) -> None:
    await desk.execute_once(form.key, assignments.pass_ticket_back, number, by=form.user, reason=form["reason"])


def _possible_assignees(policy: Policy, ticket: Ticket) -> list[str]:
    people = (*policy.team(ticket.team).people, *policy.team(ticket.first_line).people)
    return [one for one in dict.fromkeys(people) if one != ticket.assignee]
