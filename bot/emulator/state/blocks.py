"""Blocks as Slack keeps them: ids filled in, elements found, the state of what can be filled."""

import secrets
from collections.abc import Iterator
from typing import Any

from bot.emulator.types import Json

FormState = dict[str, dict[str, Json]]

TEXT_INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
OPTION_INPUTS = ("static_select", "external_select", "radio_buttons")
OPTIONS_INPUTS = ("checkboxes", "multi_static_select", "multi_external_select")

# element type: (the field of its state, the field with its initial value, whether it holds a list)
INPUT_STATES: dict[str, tuple[str, str, bool]] = {
    **dict.fromkeys(TEXT_INPUTS, ("value", "initial_value", False)),
    "rich_text_input": ("rich_text_value", "initial_value", False),
    **dict.fromkeys(OPTION_INPUTS, ("selected_option", "initial_option", False)),
    **dict.fromkeys(OPTIONS_INPUTS, ("selected_options", "initial_options", True)),
    "users_select": ("selected_user", "initial_user", False),
    "multi_users_select": ("selected_users", "initial_users", True),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", True),
    "channels_select": ("selected_channel", "initial_channel", False),
    "multi_channels_select": ("selected_channels", "initial_channels", True),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
    "file_input": ("files", "initial_files", True),
}
OPTION_FIELDS = {"selected_option", "selected_options"}


def stored_blocks(blocks: list[Json]) -> list[Json]:
    """A copy as Slack stores it: every block and element has its id, texts have their defaults."""
    copies = []
    for block in blocks:
        copy = _with_defaults(block)
        copy.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_in(copy):
            element.setdefault("action_id", secrets.token_urlsafe(4))
        copies.append(copy)
    return copies


def _with_defaults(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return [_with_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _with_defaults(item) for key, item in value.items()}
    if "text" in copy and copy.get("type") == "plain_text":
        copy.setdefault("emoji", True)
    elif "text" in copy and copy.get("type") == "mrkdwn":
        copy.setdefault("verbatim", False)
    return copy


def elements_in(block: Json) -> list[Json]:
    """The elements a person can press or fill in."""
    match block.get("type"):
        case "section":
            accessory = block.get("accessory")
            return [accessory] if accessory and accessory.get("type") != "image" else []
        case "actions" | "context_actions":
            return list(block.get("elements") or [])
        case "input":
            return [block["element"]] if block.get("element") else []
    return []


def interactive_elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in elements_in(block):
            yield block, element


def find_element(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json] | None:
    for block, element in interactive_elements(blocks):
        if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
            return block, element
    return None


def form_state(blocks: list[Json], typed: FormState | None = None) -> FormState:
    """What was typed, where block_id and action_id are still there; else the initial values."""
    state: FormState = {}
    for block, element in interactive_elements(blocks):
        if element["type"] not in INPUT_STATES:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        before = (typed or {}).get(block_id, {}).get(action_id)
        same_kind = before is not None and before.get("type") == element["type"]
        state.setdefault(block_id, {})[action_id] = before if before and same_kind else initial_state(element)
    return state


def initial_state(element: Json) -> Json:
    field, source, many = INPUT_STATES[element["type"]]
    return {"type": element["type"], field: element.get(source, [] if many else None)}


def all_options(element: Json) -> list[Json]:
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    return list(element.get("options") or []) + grouped


def chosen_state(element: Json, choice: Any, suggested: list[Json]) -> Json:  # noqa: ANN401 - text, id, list or option
    """The element's state after a choice; options are named by their value, its own and those the app suggested."""
    kind = element["type"]
    field, _, many = INPUT_STATES[kind]
    if choice is None:
        return {"type": kind, field: [] if many else None}
    if kind == "rich_text_input" and isinstance(choice, str):
        return {"type": kind, field: rich_text_block([{"type": "text", "text": choice}])}
    if field not in OPTION_FIELDS:
        return {"type": kind, field: list(choice) if many else choice if field == "selected_date_time" else str(choice)}
    options = all_options(element) + suggested
    if many:
        return {"type": kind, field: [find_option(element, options, one) for one in choice]}
    return {"type": kind, field: find_option(element, options, choice)}


def find_option(element: Json, options: list[Json], choice: Any) -> Json:  # noqa: ANN401 - a value or a whole option
    if isinstance(choice, dict):
        return choice
    for option in options:
        if option.get("value") == str(choice):
            return option
    values = ", ".join(repr(option.get("value")) for option in options) or "none"
    raise LookupError(f"{element['action_id']!r} offers no option {choice!r}; it offers {values}.")


def is_dispatched(blocks: list[Json], action: Json) -> bool:
    """Whether the action reaches the app: always, except in an input without dispatch_action."""
    block = next(block for block in blocks if block["block_id"] == action["block_id"])
    return block["type"] != "input" or bool(block.get("dispatch_action"))


def rich_text_block(elements: list[Json]) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
