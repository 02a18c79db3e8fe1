"""Whatever goes wrong, the person reads it where they are: what to do, or a reference that the log has too."""

import re
from collections.abc import AsyncIterator

import pytest

from bot.emulator.types import Json
from tests.handlers.trouble import SUPPORT, Troubled, troubled

SOON = 0.5  # seconds: an event that breaks is never answered, and Slack asks twice
REFUSED = "Ask <@U0LEAD1>, not &lt;!channel&gt; &amp; &lt;b&gt;."
BROKE = (
    r"^Something went wrong on our side \(reference ([0-9a-f]{8})\)\. "
    r"(Try again, or|I'll try again; if it goes on,) tell your admin"
)


@pytest.fixture
async def office() -> AsyncIterator[Troubled]:
    """A workspace whose app refuses and breaks on demand."""
    async with troubled() as opened:
        yield opened


def reads(view: Json | None) -> str:
    """Everything that stands on a page."""
    assert view is not None
    return "\n".join(block["text"]["text"] for block in view["blocks"] if block["type"] == "section")


def reference(words: str) -> str:
    """The one that a person was given."""
    found = re.match(BROKE, words)
    assert found, words
    return found[1]


async def test_a_refused_command_is_answered_with_the_sentence_and_what_was_typed(office: Troubled) -> None:
    outcome = await office.ana.command(SUPPORT, "/ticket", "refused by <@U0LEAD1> & <!here>")

    assert [one["text"] for one in outcome.ephemerals] == [
        f"{REFUSED} Your text: refused by <@U0LEAD1> &amp; &lt;!here&gt;"
    ]


@pytest.mark.parametrize("word", ["field", "elsewhere", "broken"])
async def test_whatever_goes_wrong_with_a_command_gives_back_what_was_typed(office: Troubled, word: str) -> None:
    outcome = await office.ana.command(SUPPORT, "/ticket", f"{word}: VPN is down on floor 3")

    assert outcome.ephemerals[0]["text"].endswith(f" Your text: {word}: VPN is down on floor 3")


@pytest.mark.parametrize("typed", ["!refused", "打印机坏了refused", "2026-13-45.refused"])
async def test_a_single_word_comes_back_too(office: Troubled, typed: str) -> None:
    outcome = await office.ana.command(SUPPORT, "/ticket", typed)

    assert [one["text"] for one in outcome.ephemerals] == [f"{REFUSED} Your text: {typed}"]


async def test_what_the_refusal_quotes_is_not_repeated(office: Troubled) -> None:
    outcome = await office.ana.command(SUPPORT, "/ticket", "quoted")

    assert [one["text"] for one in outcome.ephemerals] == ["`quoted` is not a word of mine."]


async def test_a_refused_mention_gives_back_what_was_said(office: Troubled) -> None:
    await office.ana.say(SUPPORT, "@baton refused it")
    await office.emulator.wait_until_settled()

    assert f"{REFUSED} Your text: <@U0BATON> refused it" in office.whispered()


async def test_a_refused_press_is_answered_beside_the_card(office: Troubled) -> None:
    outcome = await office.ana.press(SUPPORT, await office.card("refused"), "trouble")

    assert [one["text"] for one in outcome.ephemerals] == [REFUSED]


async def test_a_refused_press_in_a_modal_is_answered_on_top_of_it(office: Troubled) -> None:
    await office.ana.command(SUPPORT, "/desk", "page refused")

    await office.ana.press_view("trouble")

    assert len(office.ana.views) == 2
    assert reads(office.ana.view) == REFUSED


async def test_a_refused_press_on_home_is_answered_on_a_page(office: Troubled) -> None:
    await office.ana.command(SUPPORT, "/desk", "home refused")

    outcome = await office.ana.press_view("trouble", home=True)

    assert reads(outcome.view) == REFUSED


async def test_where_three_pages_lie_on_each_other_the_answer_comes_by_direct_message(office: Troubled) -> None:
    await office.ana.command(SUPPORT, "/desk", "page refused")
    await office.ana.press_view("trouble")
    first = office.ana.views[0]
    stack = office.emulator.workspace.modals[office.ana.id]
    stack[1:] = [dict(first, id="V2"), dict(first, id="V3")]

    await office.ana.press_view("trouble")

    assert office.direct() == [REFUSED]


async def test_in_a_channel_that_the_app_has_left_the_answer_comes_on_a_page(office: Troubled) -> None:
    ts = await office.card("refused")
    del office.emulator.workspace.channels[SUPPORT].members["U0BATON"]

    outcome = await office.ana.press(SUPPORT, ts, "trouble")

    assert reads(outcome.view) == REFUSED


async def test_a_refused_word_to_the_app_is_answered_where_it_was_said(office: Troubled) -> None:
    await office.ana.say(SUPPORT, "@baton refused")
    await office.emulator.wait_until_settled()

    assert REFUSED in office.whispered()


async def test_a_refused_field_is_answered_beside_it_and_the_form_stays(office: Troubled) -> None:
    outcome = await office.sends("field")

    assert outcome.errors == {"title": "Say in a few words what it is about."}
    assert office.ana.view is not None


@pytest.mark.parametrize("word", ["refused", "elsewhere", "broken"])
async def test_any_other_refusal_of_a_form_gives_back_all_that_was_written(office: Troubled, word: str) -> None:
    await office.sends(word, title="Down")

    assert ">>> Down" in reads(office.ana.view)
    assert "network" not in reads(office.ana.view)


@pytest.mark.parametrize("text", ["x" * 3000, "&" * 3000, "<!channel>\n" * 272])
async def test_nothing_that_was_written_is_cut_however_long_it_is(office: Troubled, text: str) -> None:
    await office.sends("refused", title=text)

    written = reads(office.ana.view).partition("What you wrote:")[2].replace("\n>>> ", "")
    assert written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip() == text.strip()
    assert office.emulator.refusals == []


async def test_what_breaks_is_given_a_reference_that_the_log_has_too(
    office: Troubled, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"command": (await office.ana.command(SUPPORT, "/ticket", "broken")).ephemerals[0]["text"]}
    told["card"] = (await office.ana.press(SUPPORT, await office.card("broken"), "trouble")).ephemerals[0]["text"]
    await office.sends("broken")
    told["form"] = reads(office.ana.view)
    await office.ana.close(everything=True)
    await office.ana.command(SUPPORT, "/desk", "page broken")
    await office.ana.press_view("trouble")
    told["page"] = reads(office.ana.view)
    await office.ana.close(everything=True)
    await office.ana.command(SUPPORT, "/desk", "home broken")
    told["button on Home"] = reads((await office.ana.press_view("trouble", home=True)).view)
    await office.ana.close(everything=True)
    told["shortcut"] = reads((await office.ana.shortcut("ticket_new")).view)
    office.emulator.delivery.answer_seconds = SOON
    await office.ana.open_home()
    await office.emulator.wait_until_settled()
    told["Home"] = reads(office.ana.home)

    references = {where: reference(words) for where, words in told.items()}
    assert len(set(references.values())) == len(references)
    assert [where for where, one in references.items() if f"Unexpected error {one}" not in caplog.text] == []
    assert "the disk is full" in caplog.text


async def test_a_shortcut_on_a_message_where_the_app_is_not_breaks_readably(office: Troubled) -> None:
    message = await office.ana.say(SUPPORT, "VPN is down")
    del office.emulator.workspace.channels[SUPPORT].members["U0BATON"]

    outcome = await office.ana.message_shortcut("ticket_from_message", SUPPORT, message["ts"])

    assert reference(reads(outcome.view))


async def test_a_mention_that_breaks_is_answered_once_and_left_for_slack_to_repeat(
    office: Troubled, caplog: pytest.LogCaptureFixture
) -> None:
    office.emulator.delivery.answer_seconds = SOON
    await office.ana.say(SUPPORT, "@baton broken")
    await office.emulator.wait_until(lambda: office.emulator.delivery.lost_events and office.whispered())

    assert [reference(words) in caplog.text for words in office.whispered()] == [True]


async def test_people_who_talk_with_each_other_do_not_hear_of_our_trouble(office: Troubled) -> None:
    office.emulator.delivery.answer_seconds = SOON
    await office.ana.say(SUPPORT, "my chair is broken")
    await office.emulator.wait_until(lambda: office.emulator.delivery.lost_events)

    assert office.whispered() == []
    assert office.direct() == []
