"""A lead says how something that was missing is there now."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import outcomes as cards
from handlers.slack.blocks import page, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import show
from rules.escalations.escalations import GapKind
from services.desk import Desk
from services.escalations import improvement_items


def register(on: Router) -> None:
    on.action(Button.CLOSE_GAP)(ask_how)
    on.view(Form.CLOSE_GAP)(close)


async def ask_how(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    team, type_, kind = _gap(press.value)
    improvement_items.may_close(desk.policy, team, press.by)
    await show(client, press, cards.close_form(team, type_, kind, desk.policy))
    await ack()


async def close(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    team, type_, kind = _gap(sent.about)
    await desk.execute_once(sent.key, improvement_items.close, team, type_, kind, by=sent.by, note=sent.says("note"))
    words = "Closed. If it is rejected for that again, it is opened anew and begins at one."
    await ack(response_action="update", view=page("Closed", [section(words)]))


def _gap(value: str) -> tuple[str, str, GapKind]:
    """Which gap a button means; OldCard when it does not say."""
    team, _, rest = value.partition("|")
    type_, _, kind = rest.partition("|")
    try:
        return team, type_, GapKind(kind)
    except ValueError:
        raise OldCard from None
