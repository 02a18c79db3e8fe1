"""Messages, people and channels are read back as Slack returns them."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, BEN, section


async def test_a_post_comes_back_with_ids_and_author(slack: Emulator, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#help", text="Hello", blocks=[section("Hello")])

    message = posted["message"]
    assert (posted["channel"], message["user"], message["bot_id"]) == ("C0HELP", "U0BATON", "B0BATON")
    assert message["blocks"][0]["block_id"]


async def test_metadata_is_whole_only_on_request(client: AsyncWebClient) -> None:
    mark = {"event_type": "ticket", "event_payload": {"id": 12}}
    await client.chat_postMessage(channel="C0HELP", text="#12", metadata=mark)

    whole = await client.conversations_history(channel="C0HELP", include_all_metadata=True)
    short = await client.conversations_history(channel="C0HELP")

    assert whole["messages"][0]["metadata"] == mark
    assert short["messages"][0]["metadata"] == {"event_type": "ticket"}


async def test_history_is_newest_first_in_pages(slack: Emulator, client: AsyncWebClient) -> None:
    for number in range(5):
        await slack.person(ANA).say("C0HELP", str(number))

    first = await client.conversations_history(channel="C0HELP", limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel="C0HELP", limit=2, cursor=cursor)

    texts = [message["text"] for page in (first, second) for message in page["messages"]]
    assert (texts, first["has_more"]) == (["4", "3", "2", "1"], True)


async def test_history_between_two_moments(slack: Emulator, client: AsyncWebClient) -> None:
    messages = [await slack.person(ANA).say("C0HELP", str(number)) for number in range(4)]
    window = {"oldest": messages[1]["ts"], "latest": messages[3]["ts"]}

    outside = await client.conversations_history(channel="C0HELP", **window)
    inside = await client.conversations_history(channel="C0HELP", inclusive=True, **window)

    assert [len(answer["messages"]) for answer in (outside, inside)] == [1, 3]


async def test_a_thread_reads_root_first_and_in_pages(slack: Emulator, client: AsyncWebClient) -> None:
    root = await slack.person(ANA).say("C0HELP", "root")
    for text in ("one", "two", "three"):
        await client.chat_postMessage(channel="C0HELP", thread_ts=root["ts"], text=text)

    first = await client.conversations_replies(channel="C0HELP", ts=root["ts"], limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_replies(channel="C0HELP", ts=root["ts"], limit=2, cursor=cursor)

    assert [message["text"] for message in first["messages"]] == ["root", "one", "two"]
    assert [message["text"] for message in second["messages"]] == ["root", "three"]
    assert [message["reply_count"] for message in slack.person(BEN).visible_messages("C0HELP")] == [3]


async def test_a_broadcast_reply_shows_in_both_places(slack: Emulator, client: AsyncWebClient) -> None:
    root = await slack.person(ANA).say("C0HELP", "root")

    await client.chat_postMessage(channel="C0HELP", thread_ts=root["ts"], text="Solved", reply_broadcast=True)

    ben = slack.person(BEN)
    assert ben.visible_messages("C0HELP")[-1] == ben.thread("C0HELP", root["ts"])[-1]


async def test_an_update_keeps_what_it_does_not_name(client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Open", blocks=[section("Card")])

    changed = await client.chat_update(channel="C0HELP", ts=card["ts"], text="Done")

    assert changed["message"]["text"] == "Done"
    assert changed["message"]["blocks"] == card["message"]["blocks"]


async def test_a_deleted_root_leaves_its_thread_readable(slack: Emulator, client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Card")
    await slack.person(ANA).say("C0HELP", "I have it too", thread=card["ts"])

    await client.chat_delete(channel="C0HELP", ts=card["ts"])

    thread = slack.person(BEN).thread("C0HELP", card["ts"])
    assert [message["text"] for message in thread] == ["This message was deleted.", "I have it too"]


async def test_an_ephemeral_is_seen_by_its_reader_alone(slack: Emulator, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="Only you")

    history = await client.conversations_history(channel="C0HELP")
    assert [message["text"] for message in slack.person(ANA).visible_messages("C0HELP")] == ["Only you"]
    assert slack.person(BEN).visible_messages("C0HELP") == history["messages"] == []


async def test_a_post_to_a_person_lands_in_her_dm(slack: Emulator, client: AsyncWebClient) -> None:
    ana = slack.person(ANA)

    opened = await client.conversations_open(users=ANA)
    posted = await client.chat_postMessage(channel=ANA, text="Yours")

    assert posted["channel"] == opened["channel"]["id"] == ana.dm_channel("U0BATON")
    assert posted["channel"].startswith("D")
    assert ana.visible_messages(posted["channel"])[0]["text"] == "Yours"


async def test_a_person_is_shown_in_her_zone_and_locale_on_request(client: AsyncWebClient) -> None:
    plain = await client.users_info(user=ANA)
    whole = await client.users_info(user=ANA, include_locale=True)

    assert whole["user"]["tz"] == "Europe/Warsaw"
    assert whole["user"]["tz_offset"] in (3600, 7200)
    assert ("locale" in plain["user"], whole["user"]["locale"]) == (False, "pl-PL")


async def test_people_groups_and_presence_are_listed(slack: Emulator, client: AsyncWebClient) -> None:
    slack.change_person(ANA, presence="away")

    people = await client.users_list(limit=2)
    group = await client.usergroups_users_list(usergroup="S0IT")
    presence = await client.users_getPresence(user=ANA)

    assert [member["id"] for member in people["members"]] == [ANA, BEN]
    assert people["response_metadata"]["next_cursor"]
    assert (group["users"], presence["presence"]) == ([ANA], "away")


async def test_a_user_group_is_listed_with_its_members_on_request(slack: Emulator, client: AsyncWebClient) -> None:
    slack.change_group("S0IT", disabled=True)

    shown = await client.usergroups_list()
    every = await client.usergroups_list(include_disabled=True, include_users=True)

    assert shown["usergroups"] == []
    assert [(one["handle"], one["users"], one["user_count"]) for one in every["usergroups"]] == [("it", [ANA], 1)]


async def test_on_the_free_plan_there_are_no_user_groups(slack: Emulator, client: AsyncWebClient) -> None:
    slack.workspace.team["plan"] = "free"

    for refused in (client.usergroups_list(), client.usergroups_users_list(usergroup="S0IT")):
        with pytest.raises(SlackApiError, match="paid_teams_only"):
            await refused


async def test_the_app_lists_public_channels_and_where_it_is(client: AsyncWebClient) -> None:
    every = await client.conversations_list(exclude_archived=True)
    own = await client.users_conversations()

    assert [(one["name"], one["is_member"]) for one in every["channels"]] == [("help", True), ("other", False)]
    assert {one["name"] for one in own["channels"]} == {"help", "old"}


async def test_the_app_joins_a_public_channel_and_can_post_there(client: AsyncWebClient) -> None:
    await client.conversations_join(channel="C0OTHER")

    members = await client.conversations_members(channel="C0OTHER")
    posted = await client.chat_postMessage(channel="C0OTHER", text="Here I am")

    assert members["members"] == [ANA, "U0BATON"]
    assert posted["ok"]


async def test_reactions_come_and_go(client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Card")
    await client.reactions_add(channel="C0HELP", timestamp=card["ts"], name="eyes")
    before = await client.reactions_get(channel="C0HELP", timestamp=card["ts"])

    await client.reactions_remove(channel="C0HELP", timestamp=card["ts"], name="eyes")

    after = await client.reactions_get(channel="C0HELP", timestamp=card["ts"])
    assert before["message"]["reactions"] == [{"name": "eyes", "users": ["U0BATON"], "count": 1}]
    assert "reactions" not in after["message"]


async def test_a_file_is_uploaded_shared_and_read_with_the_token(slack: Emulator, client: AsyncWebClient) -> None:
    await client.files_upload_v2(channel="C0HELP", filename="log.txt", content="tunnel down", initial_comment="Log")

    file = slack.person(ANA).visible_messages("C0HELP")[-1]["files"][0]
    async with aiohttp.ClientSession() as web:
        async with web.get(file["url_private"], headers={"Authorization": "Bearer xoxb-local"}) as answer:
            content = await answer.text()
        async with web.get(file["url_private"], allow_redirects=False) as answer:
            stranger = answer.status
    assert (file["name"], content, stranger) == ("log.txt", "tunnel down", 302)


async def test_a_permalink_opens_the_thread_in_the_page(slack: Emulator, client: AsyncWebClient) -> None:
    root = await slack.person(ANA).say("C0HELP", "root")
    reply = await slack.person(BEN).say("C0HELP", "reply", thread=root["ts"])

    link = await client.chat_getPermalink(channel="C0HELP", message_ts=reply["ts"])
    async with aiohttp.ClientSession() as web, web.get(link["permalink"], allow_redirects=False) as answer:
        place = answer.headers["Location"]

    assert place == f"/?channel=C0HELP&thread={root['ts']}"


async def test_the_app_may_not_change_a_persons_message(slack: Emulator, client: AsyncWebClient) -> None:
    message = await slack.person(ANA).say("C0HELP", "mine")

    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client.chat_update(channel="C0HELP", ts=message["ts"], text="yours")
