"""Slack's blocks as plain dicts, from typed functions that escape and clip by construction."""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from dataclasses import field as field_
from datetime import date
from typing import Any, Protocol

from handlers.text.plain import render_plain
from handlers.text.slack import TEXT_LIMIT, Markup, clip, escape, escape_entities, escape_line, render, strip_invisible
from rules.labels import LabelledEnum
from rules.text import Text, _, ngettext

Block = dict[str, Any]
Element = dict[str, Any]
Modal = dict[str, Any]


class Named(Protocol):
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One post: blocks, and a complete sentence for screen readers and lock screens."""

    text: str
    blocks: list[Block] = field_(default_factory=list)


MESSAGE_LIMIT, CHARS_PER_BLOCK = 11_000, 100  # of all blocks; undocumented: Slack refuses from about 11,300 on
PART_LIMIT, QUOTE_LIMIT = 8_000, 2_900  # of what a person wrote, escaped, in one message and one section
SPOKEN_LIMIT = 3_900  # of a message's text; Slack keeps 4,000 for sure
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
FIELD_LIMIT, HEADER_LIMIT, PLACEHOLDER_LIMIT = 2000, 150, 150
BUTTON_LIMIT, OPTION_LIMIT, MODAL_TITLE_LIMIT, NAME_LIMIT = 75, 75, 24, 80
OPTIONS_LIMIT, CONTEXT_LIMIT, MODAL_BLOCKS_LIMIT, GROUP_END_LIMIT = 100, 10, 100, 30
ACTIONS_LIMIT, OVERFLOW_LIMIT = 25, 5
VALUE_LIMIT, OPTION_VALUE_LIMIT, METADATA_LIMIT = 2000, 150, 3000  # of what comes back from Slack unchanged


def fit_message(message: Message) -> Message:
    """A message that Slack takes: where all blocks together are too long, the longest texts are cut, and only they."""
    text = cut_mrkdwn(message.text, SPOKEN_LIMIT)
    if message_chars(message.blocks) <= MESSAGE_LIMIT:
        return message if text == message.text else Message(text, message.blocks)
    fitted = deepcopy(message.blocks)
    texts = list(_text_objects(fitted))
    most = _longest_that_fit([len(one["text"]) for one in texts], MESSAGE_LIMIT - CHARS_PER_BLOCK * len(fitted))
    for one in texts:
        one["text"] = cut_mrkdwn(one["text"], most)
    return Message(text, fitted)


def message_chars(blocks: Sequence[Block]) -> int:
    """What the blocks count for together, each with something of its own."""
    return sum(len(one["text"]) for one in _text_objects(blocks)) + CHARS_PER_BLOCK * len(blocks)


def cut_mrkdwn(text: str, limit: int) -> str:
    """Cut at a line where there is one, never inside an entity, a mention or a date."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 2]
    if "\n" in kept:
        kept = kept.rsplit("\n", 1)[0]
    if kept.rfind("<") > kept.rfind(">"):
        kept = kept[: kept.rfind("<")]
    return _HALF_ENTITY.sub("", kept) + "\n…"


def _text_objects(part: object) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part
        for value in part.values():
            yield from _text_objects(value)
    elif isinstance(part, list):
        for one in part:
            yield from _text_objects(one)


def _longest_that_fit(lengths: Sequence[int], limit: int) -> int:
    """The length to cut to, so that all together keep the limit and the short ones stay whole."""
    left = limit
    for place, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - place)
        if length > share:
            return share
        left -= length
    return limit


def name_of(named: Named, limit: int = NAME_LIMIT) -> Markup:
    """The name of a team or a type, escaped."""
    return escape_line(named.name, limit)


def quoted_sections(text: str) -> list[Block]:
    """User text in full, in as many sections as it needs."""
    return [section(f">>> {escape(part)}") for part in text_parts(text, QUOTE_LIMIT) if part]


def text_parts(text: str, limit: int = PART_LIMIT) -> list[str]:
    """User text cut into as many messages as it needs, or other places of that size; nearly always it is one."""
    if len(escape_entities(text)) <= limit:
        return [text]
    parts, begin, size = list[str](), 0, 0
    for at, letter in enumerate(text):
        size += len(escape_entities(letter))
        if size > limit:
            parts.append(text[begin:at])
            begin, size = at, len(escape_entities(letter))
    return [*parts, text[begin:]]


def plain_text(text: Text | str, limit: int) -> Element:
    return {"type": "plain_text", "text": clip(strip_invisible(render_plain(text)), limit) or " ", "emoji": True}


def mrkdwn(text: Text | str, limit: int = TEXT_LIMIT) -> Element:
    """A string must be escaped already; a text that is too long is cut at a line."""
    shown = render(text) if isinstance(text, Text) else text
    return {"type": "mrkdwn", "text": cut_mrkdwn(shown, limit) or " ", "verbatim": True}


def section(text: Text | str, *, accessory: Element | None = None, block_id: str | None = None) -> Block:
    return {"type": "section", "text": mrkdwn(text)} | _present(accessory=accessory, block_id=block_id)


def sections(rows: Sequence[str], *, between: str = "\n") -> list[Block]:
    """As many sections as Slack's limit needs; no row is cut, since a row may hold a date."""
    packed: list[str] = []
    for row in rows:
        if packed and len(packed[-1]) + len(between) + len(row) <= TEXT_LIMIT:
            packed[-1] += between + row
        else:
            packed.append(row)
    return [section(text) for text in packed]


def header(text: Text | str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER_LIMIT)}


def context(*texts: Text | str) -> Block:
    """The texts side by side; what would be an eleventh is on a line of its own in the last one."""
    shown = [render(text) if isinstance(text, Text) else text for text in texts]
    few = [*shown[: CONTEXT_LIMIT - 1], "\n".join(shown[CONTEXT_LIMIT - 1 :])] if len(shown) > CONTEXT_LIMIT else shown
    return {"type": "context", "elements": [mrkdwn(text, FIELD_LIMIT) for text in few]}


def image(file_id: str, *, alt: Text | str) -> Block:
    alt_text = clip(strip_invisible(render_plain(alt)), FIELD_LIMIT) or render_plain(_("A picture"))
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt_text}


def join_limited(parts: Sequence[str], limit: int) -> Markup:
    """The first `limit` parts; the rest is counted."""
    if len(parts) <= limit:
        return Markup(", ".join(parts))
    listed = Markup(", ".join(parts[:limit]))
    return render(_("{listed} and {count} more", listed=listed, count=len(parts) - limit))


def more_context(count: int) -> list[Block]:
    """A line that counts what a list leaves out; nothing where it is whole."""
    return [context(_("and {count} more", count=count))] if count > 0 else []


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Element, block_id: str | None = None) -> Block:
    _check_size("buttons in a row", len(elements), ACTIONS_LIMIT)
    return {"type": "actions", "elements": list(elements)} | _present(block_id=block_id)


def button(
    label: Text | str, action_id: str, value: object, *, style: str | None = None, spoken: Text | str | None = None
) -> Element:
    """`spoken` is for screen readers, where the label alone is ambiguous."""
    element = {"type": "button", "text": plain_text(label, BUTTON_LIMIT), "action_id": action_id}
    label_read = clip(strip_invisible(render_plain(spoken)), BUTTON_LIMIT) if spoken else None
    _check_size("characters of a button's value", len(str(value)), VALUE_LIMIT)
    return element | _present(value=str(value), style=style, accessibility_label=label_read)


def overflow_menu(action_id: str, options: Sequence[tuple[Text | str, str]]) -> Element:
    _check_size("lines of a ⋯ menu", len(options), OVERFLOW_LIMIT)
    return {"type": "overflow", "action_id": action_id, "options": [option(*one) for one in options]}


def option(label: Text | str, value: str) -> Element:
    _check_size("characters of an option's value", len(value), OPTION_VALUE_LIMIT)
    return {"text": plain_text(label, OPTION_LIMIT), "value": value}


def labelled_options(words: Iterable[LabelledEnum]) -> list[tuple[Text | str, str]]:
    """Each begins with a capital, as lines of a menu do."""
    labels = ((render_plain(word.label), str(word)) for word in words)
    return [(label[:1].upper() + label[1:], value) for label, value in labels]


def select(
    action_id: str,
    options: Sequence[tuple[Text | str, str]],
    *,
    chosen: str | None = None,
    placeholder: Text | str = _("Choose"),
) -> Element:
    """A menu of (label, value), which Slack searches as people type; `chosen` is ignored when it is not among them.

    More than Slack's hundred become groups in the order of the alphabet.
    """
    listed = [option(*one) for one in options]
    initial = next((one for one in listed if one["value"] == chosen), None)
    if len(listed) <= OPTIONS_LIMIT:
        return _menu("static_select", action_id, placeholder, options=listed, initial_option=initial)
    return _menu("static_select", action_id, placeholder, option_groups=_option_groups(listed), initial_option=initial)


def _option_groups(listed: Sequence[Element]) -> list[Element]:
    ordered = sorted(listed, key=lambda one: str(one["text"]["text"]).casefold())
    groups = [ordered[start : start + OPTIONS_LIMIT] for start in range(0, len(ordered), OPTIONS_LIMIT)]
    ends = [(group[0]["text"]["text"], group[-1]["text"]["text"]) for group in groups]
    names = [f"{clip(first, GROUP_END_LIMIT)} – {clip(last, GROUP_END_LIMIT)}" for first, last in ends]
    return [
        {"label": plain_text(name, OPTION_LIMIT), "options": group} for name, group in zip(names, groups, strict=True)
    ]


def user_select(action_id: str, *, chosen: str | None = None) -> Element:
    return _menu("users_select", action_id, _("Choose a person"), initial_user=chosen)


def user_multi_select(action_id: str, *, limit: int) -> Element:
    return _menu("multi_users_select", action_id, _("Choose people"), max_selected_items=limit)


def date_picker(action_id: str, *, chosen: date | None = None) -> Element:
    return _menu("datepicker", action_id, _("Choose a day"), initial_date=chosen.isoformat() if chosen else None)


def time_picker(action_id: str) -> Element:
    return _menu("timepicker", action_id, _("Choose a time"))


def text_input(
    action_id: str, *, initial: str = "", multiline: bool = False, limit: int = TEXT_LIMIT, placeholder: Text | str = ""
) -> Element:
    most = min(limit, TEXT_LIMIT)
    element = {"type": "plain_text_input", "action_id": action_id, "multiline": multiline, "max_length": most}
    inside = plain_text(placeholder, PLACEHOLDER_LIMIT) if placeholder else None
    return element | _present(initial_value=clip(initial, most) or None, placeholder=inside)


def text_field(label: Text | str, name: str, *, optional: bool = False, hint: Text | str = "") -> Block:
    return input_field(label, text_input(name, multiline=True), optional=optional, hint=hint)


def input_field(label: Text | str, element: Element, *, optional: bool = False, hint: Text | str = "") -> Block:
    """The block id equals the action id, so that an error finds its field."""
    block = {"type": "input", "block_id": element["action_id"], "label": plain_text(label, FIELD_LIMIT)}
    below = plain_text(hint, FIELD_LIMIT) if hint else None
    return block | _present(element=element, optional=optional, hint=below)


def form_modal(
    callback_id: str,
    title: Text | str,
    blocks: Sequence[Block],
    *,
    submit: Text | str,
    metadata: str = "",
    close: Text | str = _("Cancel"),
) -> Modal:
    """A modal with a submit button; `metadata` comes back with the submission."""
    _check_size("characters of a form's metadata", len(metadata), METADATA_LIMIT)
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, MODAL_TITLE_LIMIT),
        "submit": plain_text(submit, MODAL_TITLE_LIMIT),
        "close": plain_text(close, MODAL_TITLE_LIMIT),
        "private_metadata": metadata,
        "blocks": _fitting_modal(blocks),
    }


def page_modal(title: Text | str, blocks: Sequence[Block], *, close: Text | str = _("Close")) -> Modal:
    heads = {"title": plain_text(title, MODAL_TITLE_LIMIT), "close": plain_text(close, MODAL_TITLE_LIMIT)}
    return {"type": "modal", **heads, "blocks": _fitting_modal(blocks)}


def _fitting_modal(blocks: Sequence[Block]) -> list[Block]:
    left_out = len(blocks) - MODAL_BLOCKS_LIMIT + 1
    if left_out <= 1:
        return list(blocks)
    return [
        *blocks[: MODAL_BLOCKS_LIMIT - 1],
        context(ngettext("{n} more part does not fit here.", "{n} more parts do not fit here.", left_out)),
    ]


def _menu(kind: str, action_id: str, placeholder: Text | str, **more: Any) -> Element:
    element = {"type": kind, "action_id": action_id, "placeholder": plain_text(placeholder, PLACEHOLDER_LIMIT)}
    return element | _present(**more)


def _check_size(what: str, size: int, limit: int) -> None:
    """What comes back from Slack is never cut, since a part of an id names something else; nor is a button left out.

    ValueError: the caller is to be mended, because all this is made of our own keys.
    """
    if size > limit:
        raise ValueError(f"Slack takes {limit} {what}, not {size}")


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
