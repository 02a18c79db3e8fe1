"""Forms are filled in, refused, redrawn, stacked and closed."""

from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.people.participant import Outcome
from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, Body, field, form, open_on, received, section

EXTERNAL = {"type": "external_select", "min_query_length": 1}


def option(value: str) -> Body:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


PRIORITY = {"type": "static_select", "options": [option("high"), option("low")], "initial_option": option("low")}


async def open_form(slack: Emulator, app: AsyncApp, view: Body, /, **answer: Any) -> list[Body]:
    """Ana has the form open; the app answers each submission so. Returns the submissions to come."""
    open_on(app.shortcut("new"), view)
    submissions = received(app.view(view["callback_id"]), **answer)
    await slack.person(ANA).shortcut("new")
    return submissions


async def submit(slack: Emulator, **values: object) -> Outcome:
    return await slack.person(ANA).submit(values)


async def test_untouched_fields_are_submitted_with_their_initial_values(slack: Emulator, app: AsyncApp) -> None:
    submissions = await open_form(slack, app, form("f", field("title"), field("priority", PRIORITY)))

    outcome = await submit(slack, title="VPN")

    values = submissions[0]["view"]["state"]["values"]
    assert values["title"]["title"] == {"type": "plain_text_input", "value": "VPN"}
    assert values["priority"]["priority"]["selected_option"]["value"] == "low"
    assert (outcome.ok, outcome.view) == (True, None)


async def test_a_form_is_submitted_over_signed_http_too(slack: Emulator, served: AsyncApp) -> None:
    submissions = await open_form(slack, served, form("f", field("title")))

    await submit(slack, title="VPN")

    assert submissions[0]["view"]["state"]["values"]["title"]["title"]["value"] == "VPN"


async def test_field_errors_keep_the_form_open(slack: Emulator, app: AsyncApp) -> None:
    await open_form(slack, app, form("f", field("title")), response_action="errors", errors={"title": "Too vague."})

    outcome = await submit(slack, title="it")

    assert (outcome.ok, outcome.errors) == (False, {"title": "Too vague."})
    assert outcome.view is not None


async def test_errors_for_no_input_are_the_apps_mistake(slack: Emulator, app: AsyncApp) -> None:
    view = form("f", section("Read me") | {"block_id": "intro"}, field("title"))
    await open_form(slack, app, view, response_action="errors", errors={"intro": "?"})

    outcome = await submit(slack, title="VPN")

    assert outcome.error == "invalid_errors"
    assert "'intro' is no input block" in slack.refusals[0].detail


async def test_an_empty_required_field_is_an_error_before_the_app_gets_the_form(slack: Emulator, app: AsyncApp) -> None:
    submissions = await open_form(slack, app, form("f", field("title")))

    outcome = await submit(slack)

    assert (outcome.errors, submissions) == ({"title": "Please complete this required field."}, [])


async def test_an_update_redraws_in_place_and_keeps_what_was_typed(slack: Emulator, app: AsyncApp) -> None:
    redrawn = form("f", field("title"), field("more", optional=True))
    await open_form(slack, app, form("f", field("title")), response_action="update", view=redrawn)

    outcome = await submit(slack, title="VPN")

    assert outcome.view is not None
    assert outcome.view["state"]["values"]["title"]["title"]["value"] == "VPN"
    assert list(outcome.view["state"]["values"]) == ["title", "more"]


async def test_a_push_stacks_and_closing_goes_back(slack: Emulator, app: AsyncApp) -> None:
    await open_form(
        slack, app, form("f", field("title")), response_action="push", view=form("second", section("Sure?"))
    )
    ana = slack.person(ANA)

    pushed = await submit(slack, title="VPN")
    back = await ana.close()

    assert pushed.view is not None
    assert back.view is not None
    assert (pushed.view["callback_id"], back.view["callback_id"]) == ("second", "f")


async def test_clear_closes_the_whole_stack(slack: Emulator, app: AsyncApp, client: AsyncWebClient) -> None:
    await open_form(slack, app, form("f", field("title")), response_action="clear")
    ana = slack.person(ANA)
    assert ana.view is not None
    await client.views_push(trigger_id=slack.workspace.temporary_ids.issue_trigger(ANA), view=form("f", field("title")))

    await submit(slack, title="VPN")

    assert ana.views == []


async def test_an_update_over_the_api_needs_the_last_hash(
    slack: Emulator, app: AsyncApp, client: AsyncWebClient
) -> None:
    await open_form(slack, app, form("f", field("title")))
    view = slack.person(ANA).view
    assert view is not None
    await client.views_update(view_id=view["id"], hash=view["hash"], view=form("f", field("title"), section("New")))

    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view["id"], hash=view["hash"], view=form("f", field("title")))


async def test_closing_is_an_event_when_the_form_asks_for_it(slack: Emulator, app: AsyncApp) -> None:
    await open_form(slack, app, form("f", field("title"), notify_on_close=True))
    closed = received(app.view_closed("f"))

    await slack.person(ANA).close(everything=True)

    assert [body["is_cleared"] for body in closed] == [True]


async def test_an_external_select_offers_what_the_app_suggests(slack: Emulator, app: AsyncApp) -> None:
    submissions = await open_form(slack, app, form("f", field("assignee", EXTERNAL)))

    @app.options("assignee")
    async def suggest(ack: AsyncAck, body: Body) -> None:
        await ack(options=[option(name) for name in ("alma", "alan", "ben") if name.startswith(body["value"])])

    ana = slack.person(ANA)
    offered = await ana.options("assignee", "al")
    await ana.submit({"assignee": "alan"})

    assert [one["value"] for one in offered] == ["alma", "alan"]
    assert submissions[0]["view"]["state"]["values"]["assignee"]["assignee"]["selected_option"]["value"] == "alan"


async def test_more_suggestions_than_slack_takes_are_refused(slack: Emulator, app: AsyncApp) -> None:
    await open_form(slack, app, form("f", field("assignee", EXTERNAL)))

    received(app.options("assignee"), options=[option(f"n{number}") for number in range(101)])

    offered = await slack.person(ANA).options("assignee", "n")

    assert (offered, slack.refusals[0].error) == ([], "invalid_options")


async def test_a_dispatched_input_carries_the_state_of_the_whole_form(slack: Emulator, app: AsyncApp) -> None:
    await open_form(slack, app, form("f", field("title"), field("priority", PRIORITY, dispatch_action=True)))
    actions = received(app.action("priority"))

    ana = slack.person(ANA)
    await ana.press_view("title", choose="VPN")
    await ana.press_view("priority", choose="high")

    assert actions[0]["view"]["state"]["values"]["title"]["title"]["value"] == "VPN"
    assert actions[0]["actions"][0]["selected_option"]["value"] == "high"


async def test_a_trigger_works_once(slack: Emulator, client: AsyncWebClient) -> None:
    trigger = slack.workspace.temporary_ids.issue_trigger(ANA)
    await client.views_open(trigger_id=trigger, view=form("f", field("title")))

    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger, view=form("f", field("title")))


async def test_a_trigger_expires(slack: Emulator, client: AsyncWebClient) -> None:
    slack.workspace.temporary_ids.trigger_seconds = 0
    trigger = slack.workspace.temporary_ids.issue_trigger(ANA)

    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=trigger, view=form("f", field("title")))


async def test_a_fourth_view_does_not_fit_on_the_stack(slack: Emulator, client: AsyncWebClient) -> None:
    passes = slack.workspace.temporary_ids
    await client.views_open(trigger_id=passes.issue_trigger(ANA), view=form("f", section("1")))
    for text in ("2", "3"):
        await client.views_push(trigger_id=passes.issue_trigger(ANA), view=form("f", section(text)))

    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=passes.issue_trigger(ANA), view=form("f", section("4")))


async def test_a_view_that_is_gone_cannot_be_updated(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0GONE", view=form("f", section("x")))
