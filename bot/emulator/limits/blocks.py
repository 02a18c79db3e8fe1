"""The limits of each block."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.emulator.limits.elements import check_element, check_picture
from bot.emulator.limits.findings import Findings, type_of
from bot.emulator.limits.rich_text import check_rich_text, check_table
from bot.emulator.types import Json

ALL_SURFACES = frozenset({"message", "modal", "home"})
MAX_SECTION_CHARS, MAX_FIELD_CHARS, MAX_FIELDS = 3000, 2000, 10
MAX_HEADER_CHARS, MAX_HEADER_LEVEL = 150, 4
MAX_CONTEXT_ELEMENTS, MAX_ACTIONS, MAX_CONTEXT_ACTIONS = 10, 25, 5
MAX_LABEL_CHARS, MAX_URL_CHARS, MAX_ALT_CHARS = 2000, 3000, 2000
MAX_MARKDOWN_CHARS = 12_000
MAX_VIDEO_TITLE_CHARS, MAX_VIDEO_AUTHOR_CHARS, MAX_VIDEO_TEXT_CHARS = 199, 49, 199


@dataclass(frozen=True)
class BlockRule:
    check: Callable[[Findings, str, Json], None] | None
    fields: frozenset[str]
    surfaces: frozenset[str] = ALL_SURFACES


def check_block(findings: Findings, pointer: str, block: Json) -> None:
    rule = BLOCK_RULES[block["type"]]
    findings.check_fields(pointer, block, rule.fields | {"type", "block_id"})
    if rule.check is not None:
        rule.check(findings, pointer, block)


def _check_section(findings: Findings, pointer: str, block: Json) -> None:
    text, fields = block.get("text"), block.get("fields")
    if text is None and fields is None:
        findings.add(pointer, "must have a text or fields")
    findings.check_optional_text(pointer, block, "text", most=MAX_SECTION_CHARS, plain=False)
    if fields is not None:
        for place, field in findings.checked_items(f"{pointer}/fields", fields, most=MAX_FIELDS, what="fields"):
            findings.check_text(place, field, most=MAX_FIELD_CHARS)
    if block.get("accessory") is not None:
        check_element(findings, f"{pointer}/accessory", block["accessory"], "section")


def _check_header(findings: Findings, pointer: str, block: Json) -> None:
    findings.check_text(f"{pointer}/text", block.get("text"), most=MAX_HEADER_CHARS, plain=True)
    findings.check_number(pointer, block, "level", least=1, most=MAX_HEADER_LEVEL)


def _check_context(findings: Findings, pointer: str, block: Json) -> None:
    for place, element in _checked_elements(findings, pointer, block, MAX_CONTEXT_ELEMENTS):
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(findings, place, element, "context")
        else:
            findings.check_text(place, element, most=MAX_SECTION_CHARS)


def _check_actions(findings: Findings, pointer: str, block: Json) -> None:
    ids: set[str] = set()
    for place, element in _checked_elements(findings, pointer, block, MAX_ACTIONS):
        check_element(findings, place, element, "actions")
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id is not None and str(action_id) in ids:
            findings.add(f"{place}/action_id", f"action_id {action_id!r} is used twice in this block")
        ids.add(str(action_id))


def _check_input(findings: Findings, pointer: str, block: Json) -> None:
    findings.check_text(f"{pointer}/label", block.get("label"), most=MAX_LABEL_CHARS, plain=True)
    findings.check_optional_text(pointer, block, "hint", most=MAX_LABEL_CHARS)
    element = block.get("element")
    check_element(findings, f"{pointer}/element", element, "input")
    if block.get("dispatch_action") and isinstance(element, dict) and element.get("type") == "file_input":
        findings.add(f"{pointer}/dispatch_action", "must not be set on a file_input")


def _check_image(findings: Findings, pointer: str, block: Json) -> None:
    check_picture(findings, pointer, block)
    findings.check_optional_text(pointer, block, "title", most=MAX_LABEL_CHARS)


def _check_markdown(findings: Findings, pointer: str, block: Json) -> None:
    findings.check_string(pointer, block, "text", most=MAX_MARKDOWN_CHARS, required=True)


def _check_video(findings: Findings, pointer: str, block: Json) -> None:
    findings.check_text(f"{pointer}/title", block.get("title"), most=MAX_VIDEO_TITLE_CHARS, plain=True)
    findings.check_optional_text(pointer, block, "description", most=MAX_VIDEO_TEXT_CHARS)
    findings.check_string(pointer, block, "author_name", most=MAX_VIDEO_AUTHOR_CHARS)
    findings.check_string(pointer, block, "alt_text", most=MAX_ALT_CHARS, required=True)
    for name in ("video_url", "thumbnail_url"):
        findings.check_string(pointer, block, name, most=MAX_URL_CHARS, required=True)
    findings.check_strings(pointer, block, dict.fromkeys(("title_url", "provider_icon_url"), MAX_URL_CHARS))


def _check_context_actions(findings: Findings, pointer: str, block: Json) -> None:
    for place, element in _checked_elements(findings, pointer, block, MAX_CONTEXT_ACTIONS):
        kind = type_of(element)
        if kind not in {"feedback_buttons", "icon_button"}:
            findings.add(f"{place}/type", f"must be feedback_buttons or icon_button, is {kind!r}")


def _checked_elements(findings: Findings, pointer: str, block: Json, most: int) -> list[tuple[str, Any]]:
    return findings.checked_items(f"{pointer}/elements", block.get("elements"), most=most, what="elements")


VIDEO_FIELDS = {"title", "description", "author_name", "alt_text", "video_url", "thumbnail_url", "title_url"}
BLOCK_RULES: dict[str, BlockRule] = {
    "section": BlockRule(_check_section, frozenset({"text", "fields", "accessory", "expand"})),
    "header": BlockRule(_check_header, frozenset({"text", "level"})),
    "context": BlockRule(_check_context, frozenset({"elements"})),
    "actions": BlockRule(_check_actions, frozenset({"elements"})),
    "input": BlockRule(_check_input, frozenset({"label", "element", "hint", "optional", "dispatch_action"})),
    "image": BlockRule(_check_image, frozenset({"image_url", "alt_text", "title", "slack_file"})),
    "divider": BlockRule(None, frozenset()),
    "rich_text": BlockRule(check_rich_text, frozenset({"elements"})),
    "markdown": BlockRule(_check_markdown, frozenset({"text"}), frozenset({"message"})),
    "table": BlockRule(check_table, frozenset({"rows", "column_settings"}), frozenset({"message", "home"})),
    "video": BlockRule(_check_video, frozenset(VIDEO_FIELDS | {"provider_name", "provider_icon_url"})),
    "context_actions": BlockRule(_check_context_actions, frozenset({"elements"}), frozenset({"message"})),
}
