"""Forms are filled in, refused, redrawn, stacked and closed."""

from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.people.person import Outcome
from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, field, form, section

Body = dict[str, Any]
EXTERNAL = {"type": "external_select", "min_query_length": 1}


def option(value: str) -> Body:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


PRIORITY = {"type": "static_select", "options": [option("high"), option("low")], "initial_option": option("low")}


async def opened(slack: Emulator, app: AsyncApp, view: Body, /, **answer: Any) -> list[Body]:
    """Ana has the form open; the app answers its submission so. Returns the submissions to come."""
    sent: list[Body] = []

    @app.shortcut("new")
    async def new(ack: Any, body: Body, client: AsyncWebClient) -> None:  # noqa: ANN401 - Bolt's own argument
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @app.view(view["callback_id"])
    async def submitted(ack: Any, body: Body) -> None:  # noqa: ANN401 - Bolt's own argument
        sent.append(body)
        await ack(**answer)

    await slack.person(ANA).shortcut("new")
    return sent


async def submit(slack: Emulator, **values: object) -> Outcome:
    return await slack.person(ANA).submit(values)


async def test_what_was_not_touched_is_sent_as_it_began(slack: Emulator, app: AsyncApp) -> None:
    sent = await opened(slack, app, form("f", field("title"), field("priority", PRIORITY)))

    outcome = await submit(slack, title="VPN")

    values = sent[0]["view"]["state"]["values"]
    assert values["title"]["title"] == {"type": "plain_text_input", "value": "VPN"}
    assert values["priority"]["priority"]["selected_option"]["value"] == "low"
    assert (outcome.ok, outcome.view) == (True, None)


async def test_the_same_over_signed_http(slack: Emulator, served: AsyncApp) -> None:
    sent = await opened(slack, served, form("f", field("title")))

    await submit(slack, title="VPN")

    assert sent[0]["view"]["state"]["values"]["title"]["title"]["value"] == "VPN"


async def test_field_errors_keep_the_form_open(slack: Emulator, app: AsyncApp) -> None:
    await opened(slack, app, form("f", field("title")), response_action="errors", errors={"title": "Too vague."})

    outcome = await submit(slack, title="it")

    assert (outcome.ok, outcome.errors) == (False, {"title": "Too vague."})
    assert outcome.view is not None


async def test_errors_for_no_input_are_the_apps_mistake(slack: Emulator, app: AsyncApp) -> None:
    view = form("f", section("Read me") | {"block_id": "intro"}, field("title"))
    await opened(slack, app, view, response_action="errors", errors={"intro": "?"})

    outcome = await submit(slack, title="VPN")

    assert outcome.error == "invalid_errors"
    assert "'intro' is no input block" in slack.refused[0].detail


async def test_a_required_field_is_asked_for_before_the_app_hears(slack: Emulator, app: AsyncApp) -> None:
    sent = await opened(slack, app, form("f", field("title")))

    outcome = await submit(slack)

    assert (outcome.errors, sent) == ({"title": "Please complete this required field."}, [])


async def test_an_update_redraws_in_place_and_keeps_what_was_typed(slack: Emulator, app: AsyncApp) -> None:
    redrawn = form("f", field("title"), field("more", optional=True))
    await opened(slack, app, form("f", field("title")), response_action="update", view=redrawn)

    outcome = await submit(slack, title="VPN")

    assert outcome.view is not None
    assert outcome.view["state"]["values"]["title"]["title"]["value"] == "VPN"
    assert list(outcome.view["state"]["values"]) == ["title", "more"]


async def test_a_push_stacks_and_closing_goes_back(slack: Emulator, app: AsyncApp) -> None:
    await opened(slack, app, form("f", field("title")), response_action="push", view=form("second", section("Sure?")))
    ana = slack.person(ANA)

    pushed = await submit(slack, title="VPN")
    back = await ana.close()

    assert pushed.view is not None
    assert back.view is not None
    assert (pushed.view["callback_id"], back.view["callback_id"]) == ("second", "f")


async def test_clear_closes_the_whole_stack(slack: Emulator, app: AsyncApp, client: AsyncWebClient) -> None:
    await opened(slack, app, form("f", field("title")), response_action="clear")
    ana = slack.person(ANA)
    assert ana.view is not None
    await client.views_push(trigger_id=slack.workspace.passes.trigger(ANA), view=form("f", field("title")))

    await submit(slack, title="VPN")

    assert ana.views == []


async def test_an_update_over_the_api_needs_the_last_hash(
    slack: Emulator, app: AsyncApp, client: AsyncWebClient
) -> None:
    await opened(slack, app, form("f", field("title")))
    view = slack.person(ANA).view
    assert view is not None
    await client.views_update(view_id=view["id"], hash=view["hash"], view=form("f", field("title"), section("New")))

    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view["id"], hash=view["hash"], view=form("f", field("title")))


async def test_closing_is_told_only_if_asked_for(slack: Emulator, app: AsyncApp) -> None:
    await opened(slack, app, form("f", field("title"), notify_on_close=True))
    closed: list[Body] = []

    @app.view_closed("f")
    async def gone(ack: Any, body: Body) -> None:  # noqa: ANN401 - Bolt's own argument
        closed.append(body)
        await ack()

    await slack.person(ANA).close(everything=True)

    assert [body["is_cleared"] for body in closed] == [True]


async def test_an_external_select_offers_what_the_app_suggests(slack: Emulator, app: AsyncApp) -> None:
    sent = await opened(slack, app, form("f", field("assignee", EXTERNAL)))

    @app.options("assignee")
    async def suggest(ack: Any, body: Body) -> None:  # noqa: ANN401 - Bolt's own argument
        await ack(options=[option(name) for name in ("alma", "alan", "ben") if name.startswith(body["value"])])

    ana = slack.person(ANA)
    offered = await ana.options("assignee", "al")
    await ana.submit({"assignee": "alan"})

    assert [one["value"] for one in offered] == ["alma", "alan"]
    assert sent[0]["view"]["state"]["values"]["assignee"]["assignee"]["selected_option"]["value"] == "alan"


async def test_suggestions_over_the_limit_offer_nothing(slack: Emulator, app: AsyncApp) -> None:
    await opened(slack, app, form("f", field("assignee", EXTERNAL)))

    @app.options("assignee")
    async def suggest(ack: Any) -> None:  # noqa: ANN401 - Bolt's own argument
        await ack(options=[option(f"n{number}") for number in range(101)])

    offered = await slack.person(ANA).options("assignee", "n")

    assert (offered, slack.refused[0].error) == ([], "invalid_options")


async def test_a_dispatching_input_is_pressed_with_all_the_form_holds(slack: Emulator, app: AsyncApp) -> None:
    await opened(slack, app, form("f", field("title"), field("priority", PRIORITY, dispatch_action=True)))
    pressed: list[Body] = []

    @app.action("priority")
    async def changed(ack: Any, body: Body) -> None:  # noqa: ANN401 - Bolt's own argument
        pressed.append(body)
        await ack()

    ana = slack.person(ANA)
    await ana.press_view("title", choose="VPN")
    await ana.press_view("priority", choose="high")

    assert pressed[0]["view"]["state"]["values"]["title"]["title"]["value"] == "VPN"
    assert pressed[0]["actions"][0]["selected_option"]["value"] == "high"


async def test_a_trigger_works_once(slack: Emulator, client: AsyncWebClient) -> None:
    trigger = slack.workspace.passes.trigger(ANA)
    await client.views_open(trigger_id=trigger, view=form("f", field("title")))

    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger, view=form("f", field("title")))


async def test_a_trigger_expires(slack: Emulator, client: AsyncWebClient) -> None:
    slack.workspace.passes.trigger_seconds = 0
    trigger = slack.workspace.passes.trigger(ANA)

    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=trigger, view=form("f", field("title")))


async def test_a_fourth_view_does_not_fit_on_the_stack(slack: Emulator, client: AsyncWebClient) -> None:
    passes = slack.workspace.passes
    await client.views_open(trigger_id=passes.trigger(ANA), view=form("f", section("1")))
    for text in ("2", "3"):
        await client.views_push(trigger_id=passes.trigger(ANA), view=form("f", section(text)))

    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=passes.trigger(ANA), view=form("f", section("4")))


async def test_a_view_that_is_gone_cannot_be_updated(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0GONE", view=form("f", section("x")))
