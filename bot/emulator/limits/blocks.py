"""The limits of each block."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.emulator.limits.elements import check_element, check_picture
from bot.emulator.limits.findings import Found, Json, kind_of
from bot.emulator.limits.rich_text import check_rich_text, check_table

EVERYWHERE = frozenset({"message", "modal", "home"})
SECTION, FIELD, FIELDS = 3000, 2000, 10
HEADER, HEADER_LEVELS = 150, 4
CONTEXT, ACTIONS, FEEDBACK = 10, 25, 5
LABEL, URL, ALT = 2000, 3000, 2000
MARKDOWN = 12_000
VIDEO_TITLE, VIDEO_AUTHOR, VIDEO_TEXT = 199, 49, 199


@dataclass(frozen=True)
class Rule:
    check: Callable[[Found, str, Json], None]
    fields: frozenset[str]
    surfaces: frozenset[str] = EVERYWHERE


def check_block(found: Found, pointer: str, block: Json) -> None:
    rule = BLOCKS[block["type"]]
    found.only(pointer, block, rule.fields | {"type", "block_id"})
    rule.check(found, pointer, block)


def _section(found: Found, pointer: str, block: Json) -> None:
    text, fields = block.get("text"), block.get("fields")
    if text is None and fields is None:
        found.say(pointer, "must have a text or fields")
    if text is not None:
        found.text(f"{pointer}/text", text, most=SECTION)
    if fields is not None:
        for at, field in enumerate(found.count(f"{pointer}/fields", fields, least=1, most=FIELDS, what="fields")):
            found.text(f"{pointer}/fields/{at}", field, most=FIELD)
    if block.get("accessory") is not None:
        check_element(found, f"{pointer}/accessory", block["accessory"], "section")


def _header(found: Found, pointer: str, block: Json) -> None:
    found.text(f"{pointer}/text", block.get("text"), most=HEADER, plain=True)
    found.number(block, pointer, "level", least=1, most=HEADER_LEVELS)


def _context(found: Found, pointer: str, block: Json) -> None:
    elements = found.count(f"{pointer}/elements", block.get("elements"), least=1, most=CONTEXT, what="elements")
    for at, element in enumerate(elements):
        place = f"{pointer}/elements/{at}"
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(found, place, element, "context")
        else:
            found.text(place, element, most=SECTION)


def _actions(found: Found, pointer: str, block: Json) -> None:
    elements = found.count(f"{pointer}/elements", block.get("elements"), least=1, most=ACTIONS, what="elements")
    ids: set[str] = set()
    for at, element in enumerate(elements):
        place = f"{pointer}/elements/{at}"
        check_element(found, place, element, "actions")
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id is not None and str(action_id) in ids:
            found.say(f"{place}/action_id", f"action_id {action_id!r} is used twice in this block")
        ids.add(str(action_id))


def _input(found: Found, pointer: str, block: Json) -> None:
    found.text(f"{pointer}/label", block.get("label"), most=LABEL, plain=True)
    if block.get("hint") is not None:
        found.text(f"{pointer}/hint", block["hint"], most=LABEL, plain=True)
    element = block.get("element")
    check_element(found, f"{pointer}/element", element, "input")
    if block.get("dispatch_action") and isinstance(element, dict) and element.get("type") == "file_input":
        found.say(f"{pointer}/dispatch_action", "must not be set on a file_input")


def _image(found: Found, pointer: str, block: Json) -> None:
    check_picture(found, pointer, block)
    if block.get("title") is not None:
        found.text(f"{pointer}/title", block["title"], most=LABEL, plain=True)


def _divider(_found: Found, _pointer: str, _block: Json) -> None:
    return


def _markdown(found: Found, pointer: str, block: Json) -> None:
    found.string(block, pointer, "text", most=MARKDOWN, required=True)


def _video(found: Found, pointer: str, block: Json) -> None:
    found.text(f"{pointer}/title", block.get("title"), most=VIDEO_TITLE, plain=True)
    if block.get("description") is not None:
        found.text(f"{pointer}/description", block["description"], most=VIDEO_TEXT, plain=True)
    found.string(block, pointer, "author_name", most=VIDEO_AUTHOR)
    found.string(block, pointer, "alt_text", most=ALT, required=True)
    for name in ("video_url", "thumbnail_url"):
        found.string(block, pointer, name, most=URL, required=True)
    for name in ("title_url", "provider_icon_url"):
        found.string(block, pointer, name, most=URL)


def _context_actions(found: Found, pointer: str, block: Json) -> None:
    elements = found.count(f"{pointer}/elements", block.get("elements"), least=1, most=FEEDBACK, what="elements")
    for at, element in enumerate(elements):
        kind = kind_of(element)
        if kind not in {"feedback_buttons", "icon_button"}:
            found.say(f"{pointer}/elements/{at}/type", f"must be feedback_buttons or icon_button, is {kind!r}")


VIDEO = {"title", "description", "author_name", "alt_text", "video_url", "thumbnail_url", "title_url"}
BLOCKS: dict[str, Rule] = {
    "section": Rule(_section, frozenset({"text", "fields", "accessory", "expand"})),
    "header": Rule(_header, frozenset({"text", "level"})),
    "context": Rule(_context, frozenset({"elements"})),
    "actions": Rule(_actions, frozenset({"elements"})),
    "input": Rule(_input, frozenset({"label", "element", "hint", "optional", "dispatch_action"})),
    "image": Rule(_image, frozenset({"image_url", "alt_text", "title", "slack_file"})),
    "divider": Rule(_divider, frozenset()),
    "rich_text": Rule(check_rich_text, frozenset({"elements"})),
    "markdown": Rule(_markdown, frozenset({"text"}), frozenset({"message"})),
    "table": Rule(check_table, frozenset({"rows", "column_settings"}), frozenset({"message", "home"})),
    "video": Rule(_video, frozenset(VIDEO | {"provider_name", "provider_icon_url"})),
    "context_actions": Rule(_context_actions, frozenset({"elements"}), frozenset({"message"})),
}
