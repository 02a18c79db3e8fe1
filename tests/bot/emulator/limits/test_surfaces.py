"""Every breach of a limit is a problem with a JSON pointer; what fits has none."""

from typing import Any

import pytest

from bot.emulator.limits.surfaces import check_payload
from tests.bot.emulator.conftest import button, field, form, section

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def option(value: str = "v", text: str = "t", **more: object) -> Block:
    return {"text": plain(text), "value": value, **more}


def select(count: int, kind: str = "static_select", **more: object) -> Block:
    return {"type": kind, "action_id": "a", "options": [option(str(number)) for number in range(count)], **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def pressed(**more: object) -> Block:
    return {"type": "button", "text": plain("Go"), "action_id": "a", **more}


def table(rows: int, cells: int) -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * rows}


def confirm(**more: object) -> Block:
    words = {"title": plain("Sure?"), "text": plain("It is final."), "confirm": plain("Yes"), "deny": plain("No")}
    return words | more


WRONG: list[tuple[Block, str]] = [
    (section("x" * 3001), "/text/text"),
    (section(""), "/text/text"),
    ({"type": "section"}, ""),
    ({"type": "section", "fields": [plain("x")] * 11}, "/fields"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "/fields/0/text"),
    (section("x") | {"accessory": {"type": "plain_text_input", "action_id": "a"}}, "/accessory/type"),
    (section("x") | {"colour": "red"}, ""),
    ({"type": "header", "text": plain("x" * 151)}, "/text/text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/text/type"),
    ({"type": "context", "elements": [plain("x")] * 11}, "/elements"),
    ({"type": "context", "elements": []}, "/elements"),
    (actions(), "/elements"),
    (actions(*[pressed(action_id=str(number)) for number in range(26)]), "/elements"),
    (actions(pressed(), pressed()), "/elements/1/action_id"),
    (actions({"type": "number_input", "action_id": "a"}), "/elements/0/type"),
    (actions(pressed(text=plain("x" * 76))), "/elements/0/text/text"),
    (actions(pressed(text={"type": "mrkdwn", "text": "x"})), "/elements/0/text/type"),
    (actions(pressed(value="x" * 2001)), "/elements/0/value"),
    (actions(pressed(url="x" * 3001)), "/elements/0/url"),
    (actions(pressed(style="loud")), "/elements/0/style"),
    (actions(pressed(action_id="x" * 256)), "/elements/0/action_id"),
    (actions(pressed(confirm=confirm(title=plain("x" * 101)))), "/elements/0/confirm/title/text"),
    (actions(pressed(confirm=confirm(text=plain("x" * 301)))), "/elements/0/confirm/text/text"),
    (actions(pressed(confirm=confirm(deny=plain("x" * 31)))), "/elements/0/confirm/deny/text"),
    (actions(select(0)), "/elements/0/options"),
    (actions(select(101)), "/elements/0/options"),
    (actions(select(1, placeholder=plain("x" * 151))), "/elements/0/placeholder/text"),
    (actions(select(1, initial_option=option("other"))), "/elements/0/initial_option"),
    (actions({"type": "static_select", "action_id": "a"}), "/elements/0"),
    (actions(select(6, "overflow")), "/elements/0/options"),
    (actions(select(11, "checkboxes")), "/elements/0/options"),
    (actions(select(11, "radio_buttons")), "/elements/0/options"),
    (actions(select(1) | {"options": [option(text="x" * 76)]}), "/elements/0/options/0/text/text"),
    (actions(select(1) | {"options": [option("x" * 151)]}), "/elements/0/options/0/value"),
    (actions(select(1) | {"options": [option(description=plain("x" * 76))]}), "/elements/0/options/0/description/text"),
    (actions(select(1) | {"options": [option(url="https://x.example")]}), "/elements/0/options/0"),
    (actions({"type": "datepicker", "action_id": "a", "initial_date": "1.2.2026"}), "/elements/0/initial_date"),
    (actions({"type": "timepicker", "action_id": "a", "initial_time": "25:00"}), "/elements/0/initial_time"),
    (field("f", {"type": "button", "text": plain("x")}), "/element/type"),
    (field("f") | {"label": plain("x" * 2001)}, "/label/text"),
    (field("f") | {"hint": plain("x" * 2001)}, "/hint/text"),
    (field("f", {"type": "plain_text_input", "max_length": 3001}), "/element/max_length"),
    (field("f", {"type": "plain_text_input", "max_length": 3, "initial_value": "four"}), "/element/initial_value"),
    (field("f", {"type": "number_input"}), "/element/is_decimal_allowed"),
    (field("f", {"type": "file_input", "max_files": 11}), "/element/max_files"),
    (field("f", {"type": "file_input"}, dispatch_action=True), "/dispatch_action"),
    ({"type": "image", "image_url": "https://x.example/i.png"}, "/alt_text"),
    ({"type": "markdown", "text": "x" * 12_001}, "/text"),
    ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "/elements/0/type"),
    (table(101, 1), "/rows"),
    (table(1, 21), "/rows/0"),
    ({"type": "video", "title": plain("x")}, "/video_url"),
    ({"type": "alert", "text": plain("x")}, "/type"),
    ({"type": "divider", "block_id": "x" * 256}, "/block_id"),
]


@pytest.mark.parametrize(("block", "pointer"), WRONG, ids=[f"{one[0]['type']} {one[1]}" for one in WRONG])
def test_a_block_over_its_limit_is_pointed_at(block: Block, pointer: str) -> None:
    problems = check_payload("message", [block])

    assert any(f"[json-pointer:/blocks/0{pointer}]" in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("surface", "payload", "pointer"),
    [
        ("message", [{"type": "divider"}] * 51, "/blocks"),
        ("modal", form("f", *[{"type": "divider"}] * 101), "/blocks"),
        ("home", {"type": "home", "blocks": []}, "/blocks"),
        ("message", [section("a") | {"block_id": "b"}, section("c") | {"block_id": "b"}], "/blocks/1/block_id"),
        ("message", [table(1, 1), table(1, 1)], "/blocks/1"),
        ("message", [{"type": "markdown", "text": "x" * 7000}] * 2, "/blocks"),
        ("message", {"blocks": [section("x")]}, "/text"),
        ("message", {"text": "x" * 40_001}, "/text"),
        ("message", {"text": "x", "metadata": {"event_type": "a"}}, "/metadata"),
        ("modal", form("f", section("x")) | {"title": plain("x" * 25)}, "/title/text"),
        ("modal", form("f", section("x")) | {"title": None}, "/title"),
        ("modal", form("f", field("x")) | {"submit": None}, "/submit"),
        ("modal", form("f", section("x"), private_metadata="x" * 3001), "/private_metadata"),
        ("modal", form("x" * 256, section("x")), "/callback_id"),
        ("modal", form("f", table(1, 1)), "/blocks/0/type"),
        ("modal", form("f", {"type": "markdown", "text": "x"}), "/blocks/0/type"),
        ("home", {"type": "home", "title": plain("x"), "blocks": [section("x")]}, "/"),
        ("home", form("f", section("x")), "/type"),
    ],
)
def test_a_whole_payload_over_its_limit_is_pointed_at(surface: str, payload: object, pointer: str) -> None:
    problems = check_payload(surface, payload)

    assert any(f"[json-pointer:{pointer}]" in problem for problem in problems), problems


def test_a_full_card_and_a_full_form_pass() -> None:
    style = {"bold": True}
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": style}]}
    blocks = [
        {"type": "header", "text": plain("x" * 150)},
        section("x" * 3000) | {"accessory": select(100), "fields": [plain("x")] * 10},
        {"type": "context", "elements": [plain("x"), {"type": "image", "image_url": "u", "alt_text": "a"}]},
        {"type": "rich_text", "elements": [rich, {"type": "rich_text_list", "style": "bullet", "elements": [rich]}]},
        actions(pressed(style="danger", confirm=confirm(style="danger")), select(5, "overflow", action_id="more")),
        table(100, 20),
        {"type": "markdown", "text": "**x**"},
        button("go"),
    ]
    inputs = [field("title"), field("when", {"type": "datetimepicker", "initial_date_time": 1_764_000_000})]

    assert check_payload("message", {"text": "A card", "blocks": blocks}) == []
    assert check_payload("modal", form("f", *inputs)) == []


def test_an_unknown_surface_is_named() -> None:
    with pytest.raises(ValueError, match="it is 'canvas'"):
        check_payload("canvas", [])


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [None], {"type": []}], ids=str)
def test_junk_in_a_block_is_a_problem_and_never_an_exception(junk: object) -> None:
    blocks = [block | {name: junk} for block, _ in WRONG for name in block if name != "block_id"]

    assert sum(bool(check_payload("message", [block])) for block in blocks) > len(WRONG)
