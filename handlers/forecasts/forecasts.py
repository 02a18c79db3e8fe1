"""`/desk risk`: the forecast, what-if actions, and the quality of past forecasts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import upload
from handlers.forecasts.cards import quality, risk
from handlers.forecasts.cards.risk import ForecastView
from handlers.forecasts.messages import forecast_view
from handlers.slack import ephemeral
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Message, Modal, page_modal
from handlers.slack.ids import Button, Command, Form
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand
from handlers.slack.router import Router
from handlers.text.slack import render
from rules.forecasts.what_if import WhatIfKind
from rules.people.permissions import NotAllowed, Permission, Role, is_allowed, roles_towards, teams_led_by
from rules.reports.queries import UnknownTeam, find_team_key
from rules.text import _
from services.desk import Desk
from services.forecasts import runs, what_if
from storage import forecasts

FORECAST_MAX_AGE = timedelta(minutes=10)
QUALITY_PERIOD = timedelta(days=90)


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "risk",
        Permission.SEE_FORECAST,
        _("Forecast of SLA breaches, and what would help"),
        examples=("/desk risk", "/desk risk TEAM"),
    )(answer_risk)
    quality_help = _("How often forecasts came true")
    on.word(
        Command.REPORT, "forecast-quality", Permission.SEE_FORECAST, quality_help, alone=True, synonyms="forecasts"
    )(answer_forecast_quality)
    on.action(Button.RERUN_FORECAST, Permission.SEE_FORECAST)(rerun_forecast)
    on.action(Button.APPLY_ACTION, Permission.APPLY_WHAT_IF_ACTION)(apply_action)
    on.action(Button.ASK_HELPER, Permission.APPLY_WHAT_IF_ACTION)(open_helper_form)
    on.view(Form.ASK_HELPER, Permission.APPLY_WHAT_IF_ACTION)(ask_helper)


@may_take_long
async def answer_risk(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Message | None:
    """`/desk risk [TEAM]`, from the newest forecast; of one team with its chart."""
    teams = teams_to_forecast(desk, command.user, " ".join(command.rest.split()))
    views = [await _forecast_view(desk, team, command.user) for team in teams]
    if len(views) == 1 and views[0].as_of < desk.clock() - FORECAST_MAX_AGE:
        notify = ephemeral.notify_later(client, command.response_url, channel=command.channel, user=command.user)
        desk.background_tasks.start(_post_new_forecast(client, desk, command, teams[0]), notify=notify)
        return Message(render(risk.FORECAST_RUNNING_TEXT))
    if len(views) > 1:
        return risk.risk_overview(views)
    if views[0].forecast is None:
        return risk.risk_card(views[0])
    upload.answer_with_chart(desk, client, command, risk.charted_risk_card(views[0]))
    return None


async def rerun_forecast(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    teams_to_forecast(desk, press.user, press.value)
    notify = ephemeral.notify_later(client, press.response_url, channel=press.channel, user=press.user)
    desk.background_tasks.start(_replace_with_new_forecast(client, desk, press), notify=notify)


async def apply_action(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    team, at, kind = _parse_action(press.value)
    applied = await desk.execute_once(press.key, what_if.apply_what_if_action, team, at, kind, by=press.user)
    message = risk.action_applied(team, applied, desk.policy)
    await ephemeral.answer_press(client, press, message, replace=False)


async def open_helper_form(press: Press, desk: Desk) -> Modal:
    team, *_rest = _parse_action(press.value)
    require_may_apply(desk, team, press.user)
    return risk.helper_form(team, press.value, desk.policy)


async def ask_helper(form: Submission, desk: Desk) -> Modal:
    team, at, kind = _parse_action(form.metadata)
    helper = form["helper"]
    asked = await desk.execute_once(form.key, what_if.apply_what_if_action, team, at, kind, by=form.user, helper=helper)
    return page_modal(_("Asked"), risk.action_applied(team, asked, desk.policy).blocks)


@may_take_long
async def answer_forecast_quality(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Message | None:
    by = command.user
    held = roles_towards(desk.policy, by, teams=list(desk.policy.teams))
    if not is_allowed(Permission.SEE_FORECAST, held):
        raise NotAllowed(Permission.SEE_FORECAST)
    wide = held & {Role.MANAGER, Role.OBSERVER, Role.ADMIN}
    teams = None if wide else teams_led_by(desk.policy, by)
    told, void = await desk.read_in_worker(forecasts.settled_chances, since=desk.clock() - QUALITY_PERIOD, teams=teams)
    answer = quality.forecast_quality(told, void, teams, desk.policy)
    if isinstance(answer, Message):
        return answer
    upload.answer_with_chart(desk, client, command, answer)
    return None


def teams_to_forecast(desk: Desk, by: str, name: str) -> list[str]:
    """The named team, else the teams that they lead, else all that they may see; refuses when there is none."""
    policy = desk.policy
    if name:
        key = find_team_key(policy, name)
        if key is None:
            raise UnknownTeam(policy, name)
        if not is_allowed(Permission.SEE_FORECAST, roles_towards(policy, by, teams=[key])):
            raise NotAllowed(Permission.SEE_FORECAST, [policy.team(key).name])
        return [key]
    keys = [key for key in policy.teams if is_allowed(Permission.SEE_FORECAST, roles_towards(policy, by, teams=[key]))]
    if not keys:
        raise NotAllowed(Permission.SEE_FORECAST)
    return teams_led_by(policy, by) or keys


async def _forecast_view(desk: Desk, team: str, by: str) -> ForecastView:
    view = await desk.read(forecast_view, team, policy=desk.policy, now=desk.clock())
    may = is_allowed(Permission.APPLY_WHAT_IF_ACTION, roles_towards(desk.policy, by, teams=[team]))
    return view if may else replace(view, actions=())


async def _post_new_forecast(client: AsyncWebClient, desk: Desk, typed: TypedCommand, team: str) -> None:
    view = await _run_forecast(desk, team, typed.user)
    if view.forecast is not None:
        upload.answer_with_chart(desk, client, typed, risk.charted_risk_card(view))
    elif not await ephemeral.post_below(client, typed.response_url, risk.risk_card(view)):
        await ephemeral.post_in_channel(client, typed.channel, typed.user, risk.risk_card(view))


async def _replace_with_new_forecast(client: AsyncWebClient, desk: Desk, press: Press) -> None:
    view = await _run_forecast(desk, press.value, press.user)
    message = risk.risk_card(view)
    await ephemeral.answer_press(client, press, message, replace=True)
    if view.forecast is not None:
        upload.add_chart_to_answer(desk, client, press, risk.charted_risk_card(view))


async def _run_forecast(desk: Desk, team: str, by: str) -> ForecastView:
    await runs.run_forecast(desk, team)
    return await _forecast_view(desk, team, by)


def require_may_apply(desk: Desk, team: str, by: str) -> None:
    if not is_allowed(Permission.APPLY_WHAT_IF_ACTION, roles_towards(desk.policy, by, teams=[team])):
        raise NotAllowed(Permission.APPLY_WHAT_IF_ACTION, [desk.policy.team(team).name])


def _parse_action(value: str) -> tuple[str, datetime, WhatIfKind]:
    """Team, moment of the forecast and kind of the action; OldCard when the button does not name them."""
    team, _sign, rest = value.partition("|")
    at, _sign, kind = rest.partition("|")
    try:
        return team, datetime.fromtimestamp(int(at) / 1_000_000, UTC), WhatIfKind(kind)
    except (ValueError, OverflowError):
        raise OldCard from None
