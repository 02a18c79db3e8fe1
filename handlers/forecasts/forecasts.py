"""Will it be done in time? `/desk risk`, what would help, and whether the forecasts were right."""

from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import upload
from handlers.charts.charts import ROWS, Picture
from handlers.forecasts import cards
from handlers.forecasts.cards import View
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, page, safe
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission, Typed
from handlers.slack.router import Router
from handlers.slack.text import unescape
from handlers.slack.ticket_actions import show
from rules.errors import DeskError
from rules.forecasts.forecasts import Outlook
from rules.forecasts.what_if import Lever, LeverKind
from rules.people.permissions import Deed, NotAllowed, Role, allowed, roles, teams_led
from rules.reports.queries import NoSuchTeam, team_named
from services.desk import Desk
from services.forecasts import runs, what_if
from storage import forecasts
from storage.tickets import tickets

FRESH = timedelta(minutes=10)
QUALITY = timedelta(days=90)
NEVER = datetime.min.replace(tzinfo=UTC)


def register(on: Router) -> None:
    on.action(Button.RISK)(look_again)
    on.action(Button.LEVER)(pull)
    on.action(Button.LEVER_ASK)(ask_whom)
    on.view(Form.HELPER)(ask_helper)


async def risk(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk risk [TEAM]`: the words at once, from the newest outlook; the picture when it is drawn."""
    typed = Typed.read(body)
    name = " ".join(unescape(typed.text).split()[1:])
    teams = teams_for(desk, typed.by, name)
    views = [await _view(desk, team, typed.by) for team in teams]
    if len(views) == 1 and views[0].at < desk.clock() - FRESH:
        await ack(text=cards.LOOKING)
        desk.background_tasks.start(_looked_for(client, desk, typed, teams[0]))
        return
    said = cards.several(views) if len(views) > 1 else cards.risk(views[0])
    await ack(text=said.text, blocks=said.blocks)
    if len(views) == 1:
        _draw_below(client, desk, typed, views[0])


async def look_again(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """Looks anew, beside everything else: the answer takes its place when it is there."""
    press = Press.read(body)
    teams_for(desk, press.by, press.value)
    await ack()
    desk.background_tasks.start(_looked_again(client, desk, press))


async def pull(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    team, at, kind = _lever(press.value)
    words = await desk.execute_once(press.key, what_if.pull, team, at, kind, by=press.by)
    await _answer(client, press, cards.pulled(team, words, desk.policy))
    await ack()


async def ask_whom(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    team, _, _ = _lever(press.value)
    may_pull(desk, team, press.by)
    await show(client, press, cards.helper_form(team, press.value, desk.policy))
    await ack()


async def ask_helper(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    team, at, kind = _lever(sent.about)
    words = await desk.execute_once(sent.key, what_if.pull, team, at, kind, by=sent.by, helper=sent.says("helper"))
    await ack(response_action="update", view=page("Asked", cards.pulled(team, words, desk.policy).blocks))


async def quality(desk: Desk, by: str) -> tuple[Message, Picture | None]:
    """`/report forecast-quality`: what was told beside what came true, over the last three months."""
    held = roles(desk.policy, by, teams=list(desk.policy.teams))
    if not allowed(Deed.RISK, held):
        raise NotAllowed(Deed.RISK)
    wide = held & {Role.MANAGER, Role.OBSERVER, Role.ADMIN}
    teams = None if wide else teams_led(desk.policy, by)
    told, void = await desk.read_in_worker(forecasts.told_chances, since=desk.clock() - QUALITY, teams=teams)
    return cards.quality(told, void, teams, desk.policy)


def teams_for(desk: Desk, by: str, name: str) -> list[str]:
    """The named team, or all that they lead or may look at; a sentence where there is none."""
    policy = desk.policy
    if name:
        key = team_named(policy, name)
        if key is None:
            raise NoSuchTeam(policy, name)
        if not allowed(Deed.RISK, roles(policy, by, teams=[key])):
            raise NotAllowed(Deed.RISK, [policy.team(key).name])
        return [key]
    found = [key for key in policy.teams if allowed(Deed.RISK, roles(policy, by, teams=[key]))]
    if not found:
        raise NotAllowed(Deed.RISK)
    return teams_led(policy, by) or found


async def _view(desk: Desk, team: str, by: str) -> View:
    look = await desk.read(forecasts.look_of, team)
    if look is None:
        return View(team, desk.policy, NEVER, None)
    outlook = Outlook.read(look.outlook)
    worst = await desk.read(tickets.some, [one.number for one in cards.worst(outlook, ROWS)])
    pulled = await desk.read(forecasts.pulled, team, since=desk.clock() - timedelta(days=1))
    may = allowed(Deed.PULL, roles(desk.policy, by, teams=[team]))
    found = tuple(Lever.read(plain) for plain in look.levers) if may else ()
    by_number = {ticket.number: ticket for ticket in worst}
    return View(team, desk.policy, look.at, outlook, found, by_number, tuple(pulled))


async def _looked_for(client: AsyncWebClient, desk: Desk, typed: Typed, team: str) -> None:
    """The newest outlook is old, or there is none: it is made while the person waits."""
    view, said = await _anew(desk, team, typed.by)
    if not await ephemeral.beside(client, typed.response_url, said):
        await ephemeral.in_channel(client, typed.channel, typed.by, said)
    if view is not None:
        _draw_below(client, desk, typed, view)


async def _looked_again(client: AsyncWebClient, desk: Desk, press: Press) -> None:
    view, said = await _anew(desk, press.value, press.by)
    if not await ephemeral.in_place(client, press.response_url, said):
        await ephemeral.in_channel(client, press.channel, press.by, said, press.thread_ts)
    if view is not None and view.outlook is not None:
        upload.within(desk, client, press.response_url, said, cards.picture(view))


async def _anew(desk: Desk, team: str, by: str) -> tuple[View | None, Message]:
    """What is to be said of the team now; a sentence alone where it could not be worked out."""
    try:
        await runs.look_at(desk, team)
    except DeskError as refusal:
        return None, Message(safe(str(refusal)))
    view = await _view(desk, team, by)
    return view, cards.risk(view)


def _draw_below(client: AsyncWebClient, desk: Desk, typed: Typed, view: View) -> None:
    if view.outlook is not None:
        upload.below(desk, client, typed.response_url, cards.picture(view))


async def _answer(client: AsyncWebClient, press: Press, said: Message) -> None:
    if not await ephemeral.beside(client, press.response_url, said):
        await ephemeral.in_channel(client, press.channel, press.by, said, press.thread_ts)


def may_pull(desk: Desk, team: str, by: str) -> None:
    """Said before anybody chooses a person, not after."""
    if not allowed(Deed.PULL, roles(desk.policy, by, teams=[team])):
        raise NotAllowed(Deed.PULL, [desk.policy.team(team).name])


def _lever(value: str) -> tuple[str, datetime, LeverKind]:
    """Which lever a button means: the team, the moment of its outlook, the kind; OldCard when it does not say."""
    team, _, rest = value.partition("|")
    at, _, kind = rest.partition("|")
    try:
        return team, datetime.fromtimestamp(int(at) / 1_000_000, UTC), LeverKind(kind)
    except ValueError:
        raise OldCard from None
