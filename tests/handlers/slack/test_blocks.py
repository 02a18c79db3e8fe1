"""What people write stays harmless and within Slack's limits, whatever it is."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.emulator.limits.surfaces import MAX_MESSAGE_CHARS, check_payload, message_chars
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import TEXT_LIMIT, escape, escape_line, local_time, mention, strip_invisible
from rules.escalations.escalations import RejectionReason
from tests.desks import problems

HOSTILE = (
    "<!channel> & <b>bold</b>",
    "<@U0LEAD1> <https://evil.example|your bank>",
    "&" * 3000,
    "x" * 5000,
    "\u202egnp.exe \u200b\u0000hidden",
    "שלום עולם مرحبا",
    "🔥" * 2000,
    "```\n*_~`",
    "   ",
    "\n\n",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_fits_every_place_of_a_message(text: str) -> None:
    made = [
        blocks.header(text),
        blocks.section(escape(text), accessory=blocks.overflow_menu("more", [(text, "key")])),
        blocks.context(escape_line(text)),
        blocks.actions(blocks.button(text, "press", "key", spoken=text)),
    ]

    assert check_payload("message", {"text": escape_line(text) or "-", "blocks": made}) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_fits_every_place_of_a_form(text: str) -> None:
    made = [
        blocks.input_field(text, blocks.text_input("words", initial=text, multiline=True, placeholder=text), hint=text),
        blocks.input_field(text, blocks.select("choice", [(text, "key")], chosen="key", placeholder=text)),
        blocks.input_field(text, blocks.user_select("who")),
    ]

    assert check_payload("modal", blocks.form_modal("form", text, made, submit=text)) == []


@pytest.mark.parametrize(
    "too_much",
    [
        lambda: blocks.actions(*[blocks.button("Take", "take", 1)] * 26),
        lambda: blocks.overflow_menu("more", [("Change…", str(number)) for number in range(6)]),
        lambda: blocks.button("Take", "take", "1" * 2001),
        lambda: blocks.option("Billing", "b" * 151),
        lambda: blocks.form_modal("form", "Change", [], submit="Save", metadata="1" * 3001),
    ],
)
def test_keys_and_buttons_are_never_cut_silently(too_much: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"Slack takes \d+ "):
        too_much()


def test_lines_of_a_menu_begin_with_a_capital() -> None:
    assert blocks.labelled_options([RejectionReason.INFORMATION_MISSING]) == [
        ("Information missing", "information_missing")
    ]


@given(st.text(max_size=4000), st.integers(min_value=1, max_value=3000))
def test_escaped_text_is_never_longer_than_its_limit_and_never_speaks_slack(text: str, limit: int) -> None:
    escaped = escape(text, limit)

    assert len(escaped) <= limit
    assert "<" not in escaped
    assert ">" not in escaped


def test_marks_that_turn_the_reading_direction_are_dropped() -> None:
    assert strip_invisible("invoice\u202egnp.exe") == "invoicegnp.exe"


def test_a_person_of_imported_history_is_a_name_and_not_a_mention() -> None:
    assert mention("U0AGENT1") == "<@U0AGENT1>"
    assert mention("Resolved by <149>") == "Resolved by &lt;149&gt;"
    assert mention(None) == "nobody"


def test_a_time_always_has_its_day_and_a_capital_only_where_it_opens_a_sentence() -> None:
    now = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)

    assert local_time(now) == "<!date^1791212400^\u200b{date_short_pretty} {time}|2026-10-05 15:00 UTC>"
    assert local_time(now, starts_sentence=True).startswith("<!date^1791212400^{date_short_pretty}")


def test_a_long_list_is_cut_at_a_line() -> None:
    text = "\n".join(f"{number}. something" for number in range(500))

    cut = blocks.mrkdwn(text)["text"]

    assert len(cut) <= TEXT_LIMIT
    assert cut.endswith("something\n…")


@pytest.mark.parametrize("many", [1, 100, 101, 131, 1000])
def test_a_menu_offers_all_of_its_options_and_keeps_what_is_chosen(many: int) -> None:
    options = [(f"Type {number}", f"type{number}") for number in range(many)]

    menu = blocks.select("type", options, chosen=f"type{many - 1}")

    view = blocks.form_modal("ticket.new", "New ticket", [blocks.input_field("Type", menu)], submit="File")
    offered = menu.get("options") or [one for group in menu["option_groups"] for one in group["options"]]
    assert problems("modal", view) == []
    assert sorted(one["value"] for one in offered) == sorted(value for _, value in options)
    assert menu["initial_option"]["value"] == f"type{many - 1}"


def test_the_groups_of_a_long_menu_are_named_by_where_they_begin_and_end() -> None:
    options = [(f"{letter}{number:02}", f"{letter}{number}") for letter in "cab" for number in range(60)]

    names = [group["label"]["text"] for group in blocks.select("type", options)["option_groups"]]

    assert names == ["a00 – b39", "b40 – c59"]


def test_a_page_that_is_too_long_says_how_much_is_missing() -> None:
    page = blocks.page_modal("All", [blocks.section(f"Line {number}") for number in range(130)])

    assert problems("modal", page) == []
    assert page["blocks"][-1]["elements"][0]["text"] == "31 more parts do not fit here."
    assert len(blocks.page_modal("All", [blocks.divider()] * 100)["blocks"]) == 100


def test_what_stands_in_small_letters_is_never_dropped() -> None:
    shown = blocks.context(*map(str, range(14)))

    assert problems("message", {"text": "x", "blocks": [shown]}) == []
    assert "\n".join(one["text"] for one in shown["elements"]).split("\n") == list(map(str, range(14)))


def long_message(sections: int, text: str) -> Message:
    rows = [blocks.section(text, accessory=blocks.button("Open", "open", number)) for number in range(sections)]
    return Message(text, [blocks.header("Ten tickets"), *rows, blocks.actions(blocks.button("Take", "take", 1))])


@given(st.integers(min_value=0, max_value=48), st.text(min_size=1, max_size=3000))
@example(10, "x" * 3000)
@example(48, "<@U0LEAD1> &amp; so on\n" * 100)
def test_all_blocks_of_a_message_keep_slacks_limit_together(sections: int, text: str) -> None:
    message = long_message(sections, escape(text) or "-")

    fitted = blocks.fit_message(message)

    assert message_chars(fitted.blocks) <= MAX_MESSAGE_CHARS
    assert check_payload("message", {"text": fitted.text, "blocks": fitted.blocks}) == []
    assert [block["type"] for block in fitted.blocks] == [block["type"] for block in message.blocks]


def test_only_the_longest_texts_of_a_message_are_cut() -> None:
    message = Message("Ten tickets", [blocks.section("x" * 2000), *[blocks.section("y" * 2900) for _ in range(4)]])

    fitted = blocks.fit_message(message)

    assert fitted.blocks[0] == message.blocks[0]
    assert all(len(block["text"]["text"]) < 2900 for block in fitted.blocks[1:])


def test_a_message_that_is_short_enough_stays_as_it_is() -> None:
    message = long_message(3, "VPN is down")

    assert blocks.fit_message(message) is message


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("first line\nsecond line", 16, "first line\n…"),
        ("ask <@U0LEAD1> for it", 12, "ask \n…"),
        ("this &amp; that", 10, "this \n…"),
        ("short", 5, "short"),
    ],
)
def test_a_text_is_cut_where_nothing_breaks(text: str, limit: int, cut: str) -> None:
    assert blocks.cut_mrkdwn(text, limit) == cut
