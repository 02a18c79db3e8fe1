"""Snoozing an alert and asking the lead for help."""

from handlers.alerts.cards import forms
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, Form, More
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import ticket_for_form
from rules.alerts import DEFAULT_SNOOZE, SNOOZE_CHOICES
from rules.people.permissions import Permission
from services.alerts import sweep
from services.desk import Desk

SNOOZE_SPANS = {str(More.SNOOZE_ONE_HOUR): SNOOZE_CHOICES[1], str(More.SNOOZE_TWO_HOURS): SNOOZE_CHOICES[2]}


def register(on: Router) -> None:
    on.menu(More.ASK_FOR_HELP, Permission.ASK_FOR_HELP)(open_help_form)
    on.menu(More.SNOOZE_ONE_HOUR, Permission.SNOOZE_ALERT)(snooze_alert)
    on.menu(More.SNOOZE_TWO_HOURS, Permission.SNOOZE_ALERT)(snooze_alert)
    on.action(Button.SNOOZE, Permission.SNOOZE_ALERT)(snooze_alert)
    on.view(Form.ASK_FOR_HELP, Permission.ASK_FOR_HELP)(ask_for_help)


async def snooze_alert(press: Press, number: int, desk: Desk) -> None:
    span = SNOOZE_SPANS.get(press.menu_choice, DEFAULT_SNOOZE)
    await desk.execute_once(press.key, sweep.snooze_alerts, number, by=press.user, span=span)


async def open_help_form(press: Press, number: int, desk: Desk) -> Modal:
    ticket = await ticket_for_form(desk, number, Permission.ASK_FOR_HELP, by=press.user)
    return forms.help_form(ticket, desk.policy)


async def ask_for_help(form: Submission, number: int, desk: Desk) -> None:
    await desk.execute_once(form.key, sweep.request_help, number, by=form.user, text=form["text"])
