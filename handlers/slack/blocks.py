"""Slack's blocks as plain dicts from typed functions that escape and clip by construction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as field_
from datetime import date, datetime
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What one post says: blocks for the eye, and a whole sentence for screen readers and lock screens."""

    text: str
    blocks: list[Block] = field_(default_factory=list)


TEXT_LIMIT, FIELD_LIMIT, HEADER_LIMIT, BUTTON_LIMIT, OPTION_LIMIT, MODAL_TITLE_LIMIT, PLACEHOLDER_LIMIT = (
    3000,
    2000,
    150,
    75,
    75,
    24,
    150,
)
MESSAGE_TEXT_LIMIT = 16_000  # of what Slack keeps in a message's text
# Without what joins letters and emoji (200c, 200d): some scripts cannot be written without it.
_HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")
_MENTION = re.compile(r"&lt;(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+)&gt;")


def strip_invisible(text: str) -> str:
    """The text without control characters and invisible direction marks, which could reorder what follows them."""
    return _HIDDEN.sub("", text)


def clip(text: str, limit: int) -> str:
    """The text within the limit, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: str, limit: int = TEXT_LIMIT) -> str:
    """What a person wrote, harmless inside mrkdwn and within the limit after escaping."""
    text = clip(strip_invisible(text), limit)
    escaped = _escape_entities(text)
    while len(escaped) > limit:
        text = clip(text, len(text) - max(1, (len(escaped) - limit) // 5 + 1))
        escaped = _escape_entities(text)
    return escaped


def escape_line(text: str, limit: int = 300) -> str:
    """What a person wrote, on one line: titles and quotes must not break the card's shape."""
    return escape(" ".join(strip_invisible(text).split()), limit)


def escape_keeping_mentions(text: str) -> str:
    """A sentence of ours that may quote what somebody typed: all is escaped but mentions of people and channels."""
    return _MENTION.sub(r"<\1>", escape(text, MESSAGE_TEXT_LIMIT))


def quoted_sections(text: str) -> list[Block]:
    """All of what a person wrote, in as many sections as that takes."""
    size = 2900 if _escape_entities(text) == text else 580
    return [section(f">>> {escape(text[at : at + size])}") for at in range(0, len(text), size)]


def mention(user: str | None) -> str:
    """A mention; people of imported history are only names."""
    if not user:
        return "nobody"
    return f"<@{user}>" if _SLACK_ID.fullmatch(user) else escape_line(user, 80)


def local_time(at: datetime, *, starts_sentence: bool = False) -> str:
    """A time in the reader's own zone, always with its day: a card is read tomorrow too, and elsewhere.

    `opens` a sentence: Slack makes the first letter of the format a capital one, or else the invisible space before it.
    """
    invisible = "" if starts_sentence else "\u200b"
    return f"<!date^{int(at.timestamp())}^{invisible}{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def plain_text(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": clip(strip_invisible(text), limit) or " ", "emoji": True}


def mrkdwn(text: str, limit: int = TEXT_LIMIT) -> Element:
    """Text that is already escaped where people wrote it; it is cut at a line when it is too long."""
    if len(text) > limit:
        text = text[: limit - 2].rsplit("\n", 1)[0] + "\n…"
    return {"type": "mrkdwn", "text": text or " ", "verbatim": True}


def section(text: str, *, accessory: Element | None = None, block_id: str | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return _with_block_id(block, block_id)


def sections(rows: Sequence[str], *, between: str = "\n") -> list[Block]:
    """The rows in as many sections as Slack's limit asks for: none is cut in its middle, where a date may stand."""
    packed: list[str] = []
    for row in rows:
        if packed and len(packed[-1]) + len(between) + len(row) <= TEXT_LIMIT:
            packed[-1] += between + row
        else:
            packed.append(row)
    return [section(text) for text in packed]


def fields(*texts: str) -> Block:
    """Up to ten short columns."""
    return {"type": "section", "fields": [mrkdwn(text, FIELD_LIMIT) for text in texts[:10]]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER_LIMIT)}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, FIELD_LIMIT) for text in texts[:10]]}


def image(file_id: str, *, alt: str) -> Block:
    """A picture that was uploaded to Slack; `alt` says what it shows, and is read where it is not seen."""
    return {
        "type": "image",
        "slack_file": {"id": file_id},
        "alt_text": clip(strip_invisible(alt), FIELD_LIMIT) or "A picture",
    }


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Element, block_id: str | None = None) -> Block:
    return _with_block_id({"type": "actions", "elements": list(elements[:25])}, block_id)


def button(
    label: str, action_id: str, value: object, *, style: str | None = None, spoken: str | None = None
) -> Element:
    """A button that carries an id; `says` is what a screen reader reads where the words alone are ambiguous."""
    element: Element = {
        "type": "button",
        "text": plain_text(label, BUTTON_LIMIT),
        "action_id": action_id,
        "value": str(value)[:2000],
    }
    if style is not None:
        element["style"] = style
    if spoken is not None:
        element["accessibility_label"] = clip(strip_invisible(spoken), BUTTON_LIMIT)
    return element


def link(words: str, action_id: str, url: str) -> Element:
    return {"type": "button", "text": plain_text(words, BUTTON_LIMIT), "action_id": action_id, "url": url[:3000]}


def overflow_menu(action_id: str, options: Sequence[tuple[str, str]]) -> Element:
    """The ⋯ menu: (words, value), at most five."""
    return {"type": "overflow", "action_id": action_id, "options": [option(*one) for one in options[:5]]}


def option(label: str, value: str) -> Element:
    return {"text": plain_text(label, OPTION_LIMIT), "value": value[:150]}


def select(
    action_id: str, options: Sequence[tuple[str, str]], *, chosen: str | None = None, placeholder: str = "Choose"
) -> Element:
    """A menu of (words, value); one of them is chosen when it is among the first hundred."""
    made = [option(*one) for one in options[:100]]
    element: Element = {
        "type": "static_select",
        "action_id": action_id,
        "options": made,
        "placeholder": plain_text(placeholder, PLACEHOLDER_LIMIT),
    }
    initial = next((one for one in made if one["value"] == chosen), None)
    if initial is not None:
        element["initial_option"] = initial
    return element


def user_select(action_id: str, *, chosen: str | None = None, placeholder: str = "Choose a person") -> Element:
    element: Element = {
        "type": "users_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, PLACEHOLDER_LIMIT),
    }
    if chosen is not None:
        element["initial_user"] = chosen
    return element


def date_picker(action_id: str, *, chosen: date | None = None, placeholder: str = "Choose a day") -> Element:
    element: Element = {
        "type": "datepicker",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, PLACEHOLDER_LIMIT),
    }
    if chosen is not None:
        element["initial_date"] = chosen.isoformat()
    return element


def time_picker(action_id: str, *, placeholder: str = "Choose a time") -> Element:
    return {"type": "timepicker", "action_id": action_id, "placeholder": plain_text(placeholder, PLACEHOLDER_LIMIT)}


def user_multi_select(action_id: str, *, limit: int, placeholder: str = "Choose people") -> Element:
    return {
        "type": "multi_users_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, PLACEHOLDER_LIMIT),
        "max_selected_items": limit,
    }


def text_input(
    action_id: str, *, initial: str = "", multiline: bool = False, limit: int = TEXT_LIMIT, placeholder: str = ""
) -> Element:
    element: Element = {"type": "plain_text_input", "action_id": action_id, "multiline": multiline}
    element["max_length"] = min(limit, TEXT_LIMIT)
    if initial:
        element["initial_value"] = clip(initial, min(limit, TEXT_LIMIT))
    if placeholder:
        element["placeholder"] = plain_text(placeholder, PLACEHOLDER_LIMIT)
    return element


def input_field(label: str, element: Element, *, optional: bool = False, hint: str = "") -> Block:
    """An input whose block is named like its element, so that an error finds it."""
    block: Block = {
        "type": "input",
        "block_id": element["action_id"],
        "label": plain_text(label, FIELD_LIMIT),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain_text(hint, FIELD_LIMIT)
    return block


def form_modal(
    callback_id: str, title: str, blocks: Sequence[Block], *, submit: str, metadata: str = "", close: str = "Cancel"
) -> dict[str, Any]:
    """A modal with something to send; `about` says which ticket it speaks of."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, MODAL_TITLE_LIMIT),
        "submit": plain_text(submit, MODAL_TITLE_LIMIT),
        "close": plain_text(close, MODAL_TITLE_LIMIT),
        "private_metadata": metadata[:3000],
        "blocks": list(blocks)[:100],
    }


def page_modal(title: str, blocks: Sequence[Block], *, close: str = "Close") -> dict[str, Any]:
    """A modal that is only read."""
    return {
        "type": "modal",
        "title": plain_text(title, MODAL_TITLE_LIMIT),
        "close": plain_text(close, MODAL_TITLE_LIMIT),
        "blocks": list(blocks)[:100],
    }


def _with_block_id(block: Block, block_id: str | None) -> Block:
    return block if block_id is None else block | {"block_id": block_id}


def _escape_entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
