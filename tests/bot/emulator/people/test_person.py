"""People write, command and press; the app gets the payloads that Slack would send."""

from dataclasses import replace

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.errors import SlackError
from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, BEN, Body, button, field, form, open_on, received, section


async def test_a_command_arrives_with_names_as_ids(slack: Emulator, app: AsyncApp) -> None:
    commands = received(app.command("/ask"), text="Noted.")
    outcome = await slack.person(ANA).command("C0HELP", "/ask", "@ben <why> #other")

    assert commands[0]["text"] == "<@U0BEN> &lt;why&gt; <#C0OTHER|other>"
    assert (outcome.ok, outcome.ephemerals[0]["text"]) == (True, "Noted.")


async def test_a_command_arrives_over_signed_http_too(slack: Emulator, served: AsyncApp) -> None:
    received(served.command("/ask"), text="For all.", response_type="in_channel")

    await slack.person(ANA).command("C0HELP", "/ask", "why")

    assert slack.person(BEN).visible_messages("C0HELP")[-1]["text"] == "For all."


async def test_a_mention_comes_once_as_message_and_once_as_mention(slack: Emulator, app: AsyncApp) -> None:
    messages, mentions = received(app.event("message")), received(app.event("app_mention"))

    await slack.person(ANA).say("C0HELP", "@baton look & tell https://lake.example")
    await slack.wait_until_settled()

    text = "<@U0BATON> look &amp; tell <https://lake.example>"
    assert [body["event"]["text"] for body in messages + mentions] == [text, text]
    assert messages[0]["event"]["channel_type"] == "channel"


async def test_the_app_gets_nothing_from_a_channel_it_is_not_in(slack: Emulator, app: AsyncApp) -> None:
    messages = received(app.event("message"))

    await slack.person(ANA).say("C0OTHER", "just us")
    await slack.person(ANA).say("C0HELP", "you too")
    await slack.wait_until_settled()

    assert [body["event"]["channel"] for body in messages] == ["C0HELP"]


async def test_an_edit_a_deletion_and_a_reaction_are_events(slack: Emulator, app: AsyncApp) -> None:
    messages, reactions = received(app.event("message")), received(app.event("reaction_added"))
    ana = slack.person(ANA)

    message = await ana.say("C0HELP", "frist")
    await ana.edit("C0HELP", message["ts"], "first")
    await ana.toggle_reaction("C0HELP", message["ts"], "eyes")
    await ana.delete("C0HELP", message["ts"])
    await slack.wait_until_settled()

    by_subtype = {body["event"].get("subtype"): body["event"] for body in messages}
    assert by_subtype["message_changed"]["message"]["text"] == "first"
    assert by_subtype["message_changed"]["previous_message"]["text"] == "frist"
    assert by_subtype["message_deleted"]["deleted_ts"] == message["ts"]
    assert reactions[0]["event"]["item"] == {"type": "message", "channel": "C0HELP", "ts": message["ts"]}


async def test_joining_a_channel_joining_the_team_and_changing_are_events(slack: Emulator, app: AsyncApp) -> None:
    joined, arrived, changed = (
        received(app.event("member_joined_channel")),
        received(app.event("team_join")),
        received(app.event("user_change")),
    )
    received(app.event("message"))

    ida = slack.add_person(id="U0IDA", name="ida")
    await ida.join("C0HELP")
    slack.change_person("U0IDA", deleted=True)
    await slack.wait_until_settled()

    assert joined[0]["event"]["user"] == arrived[0]["event"]["user"]["id"] == "U0IDA"
    assert changed[0]["event"]["user"]["deleted"] is True


async def test_do_not_disturb_is_an_event_only_with_the_scope(slack: Emulator, app: AsyncApp) -> None:
    quiet = received(app.event("dnd_updated_user"))

    slack.change_person(ANA, dnd=True, dnd_end=2_000_000_000)
    await slack.wait_until_settled()
    without_scope = list(quiet)
    slack.workspace.app = replace(slack.workspace.app, scopes=None)
    slack.change_person(ANA, presence="away", dnd=False)
    await slack.wait_until_settled()

    assert without_scope == []
    assert [(one["event"]["user"], one["event"]["dnd_status"]["dnd_enabled"]) for one in quiet] == [(ANA, False)]


async def test_a_changed_user_group_comes_whole_and_as_the_difference(slack: Emulator, app: AsyncApp) -> None:
    whole, difference = received(app.event("subteam_updated")), received(app.event("subteam_members_changed"))

    slack.change_group("S0IT", users=[BEN])
    slack.change_group("S0IT", name="IT people")
    await slack.wait_until_settled()

    groups = [body["event"]["subteam"] for body in whole]
    assert [(one["name"], one["users"], one["user_count"]) for one in groups] == [
        ("IT", [BEN], 1),
        ("IT people", [BEN], 1),
    ]
    assert [(one["event"]["added_users"], one["event"]["removed_users"]) for one in difference] == [([BEN], [ANA])]


async def test_a_global_shortcut_opens_a_form(slack: Emulator, app: AsyncApp) -> None:
    open_on(app.shortcut("new"), form("new", field("title")))

    outcome = await slack.person(ANA).shortcut("new")

    assert outcome.view is not None
    assert outcome.view["callback_id"] == "new"


async def test_a_message_shortcut_carries_the_message(slack: Emulator, app: AsyncApp) -> None:
    shortcuts = received(app.shortcut("from"))
    message = await slack.person(BEN).say("C0HELP", "VPN is down")
    await slack.person(ANA).message_shortcut("from", "C0HELP", message["ts"])

    assert (shortcuts[0]["type"], shortcuts[0]["message"]["text"]) == ("message_action", "VPN is down")


async def test_a_press_names_the_button_and_its_message(slack: Emulator, app: AsyncApp, client: AsyncWebClient) -> None:
    actions = received(app.action("go"))
    card = await client.chat_postMessage(channel="C0HELP", text="Card", blocks=[section("Card"), button("go", "12")])
    outcome = await slack.person(ANA).press("C0HELP", card["ts"], "go")

    assert outcome.ok
    assert actions[0]["actions"][0] | {"action_ts": ""} == {
        "type": "button",
        "action_id": "go",
        "block_id": "buttons",
        "text": {"type": "plain_text", "text": "Go", "emoji": True},
        "value": "12",
        "action_ts": "",
    }
    assert actions[0]["container"]["message_ts"] == actions[0]["message"]["ts"] == card["ts"]


async def test_a_choice_in_an_overflow_is_named_by_its_value(
    slack: Emulator, app: AsyncApp, client: AsyncWebClient
) -> None:
    actions = received(app.action("more"))
    choices = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("note", "link")]
    overflow = {"type": "overflow", "action_id": "more", "options": choices}
    card = await client.chat_postMessage(channel="C0HELP", text="x", blocks=[section("x") | {"accessory": overflow}])
    await slack.person(ANA).press("C0HELP", card["ts"], "more", choose="link")

    assert actions[0]["actions"][0]["selected_option"]["value"] == "link"


async def test_pressing_what_is_not_there_names_what_is(slack: Emulator, client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="x", blocks=[button("go")])

    with pytest.raises(LookupError, match="'gone' to press here; there is go"):
        await slack.person(ANA).press("C0HELP", card["ts"], "gone")


async def test_without_an_app_a_command_fails_at_once(slack: Emulator) -> None:
    outcome = await slack.person(ANA).command("C0HELP", "/ask")

    assert (outcome.ok, outcome.error) == (False, "operation_timeout")


async def test_an_app_that_does_not_answer_times_out(slack: Emulator, app: AsyncApp) -> None:
    slack.delivery.answer_seconds = 0.05

    outcome = await slack.person(ANA).command("C0HELP", "/ask", "nobody listens")

    assert outcome.error == "operation_timeout"


async def test_an_http_app_that_fails_is_named_so(slack: Emulator, served: AsyncApp) -> None:
    outcome = await slack.person(ANA).command("C0HELP", "/ask", "nobody listens")

    assert (outcome.error, outcome.status) == ("dispatch_failed", 404)


async def test_opening_the_home_lets_the_app_publish_it(slack: Emulator, app: AsyncApp) -> None:
    @app.event("app_home_opened")
    async def publish(event: Body, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Your tickets")]})

    ana = slack.person(ANA)
    await ana.open_home()
    home = await slack.wait_until(lambda: ana.home)

    assert home is not None
    assert home["blocks"][0]["text"]["text"] == "Your tickets"


async def test_opening_the_messages_tab_is_an_event_with_the_tab(slack: Emulator, app: AsyncApp) -> None:
    opened = received(app.event("app_home_opened"))

    channel = await slack.person(ANA).open_messages()
    await slack.wait_until_settled()

    assert (opened[0]["event"]["tab"], opened[0]["event"]["channel"]) == ("messages", channel)


@pytest.mark.parametrize(
    ("channel", "error"), [("C0OLD", "is_archived"), ("C0HELP", "not_in_channel"), ("C0SECRET", "channel_not_found")]
)
async def test_a_person_cannot_write_where_she_may_not(slack: Emulator, channel: str, error: str) -> None:
    writer = slack.add_person(id="U0IDA", name="ida") if error != "is_archived" else slack.person(ANA)

    with pytest.raises(SlackError, match=error):
        await writer.say(channel, "hello")
