"""Blocks as Slack keeps them: ids filled in, elements found, the state of what can be filled."""

import secrets
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]

# element type: (the field of its state, the field it starts from, whether it holds many)
FILLED: dict[str, tuple[str, str, bool]] = {
    "plain_text_input": ("value", "initial_value", False),
    "email_text_input": ("value", "initial_value", False),
    "url_text_input": ("value", "initial_value", False),
    "number_input": ("value", "initial_value", False),
    "rich_text_input": ("rich_text_value", "initial_value", False),
    "static_select": ("selected_option", "initial_option", False),
    "external_select": ("selected_option", "initial_option", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "checkboxes": ("selected_options", "initial_options", True),
    "multi_static_select": ("selected_options", "initial_options", True),
    "multi_external_select": ("selected_options", "initial_options", True),
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
BY_OPTION = {"selected_option", "selected_options"}


def kept(blocks: list[Json]) -> list[Json]:
    """A copy as Slack stores it: every block and element has its id, texts have their defaults."""
    done = []
    for block in blocks:
        copy = _copied(block)
        copy.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_of(copy):
            element.setdefault("action_id", secrets.token_urlsafe(4))
        done.append(copy)
    return done


def _copied(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _copied(item) for key, item in value.items()}
    if "text" in copy and copy.get("type") == "plain_text":
        copy.setdefault("emoji", True)
    elif "text" in copy and copy.get("type") == "mrkdwn":
        copy.setdefault("verbatim", False)
    return copy


def elements_of(block: Json) -> list[Json]:
    """The elements a person can press or fill in this block."""
    kind = block.get("type")
    if kind == "section":
        accessory = block.get("accessory")
        return [accessory] if accessory and accessory.get("type") != "image" else []
    if kind in {"actions", "context_actions"}:
        return list(block.get("elements") or [])
    if kind == "input":
        return [block["element"]] if block.get("element") else []
    return []


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in elements_of(block):
            yield block, element


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json] | None:
    for block, element in interactive(blocks):
        if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
            return block, element
    return None


def state_of(blocks: list[Json], typed: Values | None = None) -> Values:
    """What the form holds: what was typed where the ids are still there, else the initial values."""
    values: Values = {}
    for block, element in interactive(blocks):
        if element["type"] not in FILLED:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        before = (typed or {}).get(block_id, {}).get(action_id)
        same_kind = before is not None and before.get("type") == element["type"]
        values.setdefault(block_id, {})[action_id] = before if before and same_kind else initial(element)
    return values


def initial(element: Json) -> Json:
    field, source, many = FILLED[element["type"]]
    return {"type": element["type"], field: element.get(source, [] if many else None)}


def options_of(element: Json) -> list[Json]:
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    return list(element.get("options") or []) + grouped


def filled(element: Json, choice: Any, known: list[Json]) -> Json:  # noqa: ANN401 - text, id, list or a Slack option
    """The element's state once the person chose; options are named by their value."""
    kind = element["type"]
    field, _, many = FILLED[kind]
    if choice is None:
        return {"type": kind, field: [] if many else None}
    if kind == "rich_text_input" and isinstance(choice, str):
        return {"type": kind, field: rich_text([{"type": "text", "text": choice}])}
    if field not in BY_OPTION:
        return {"type": kind, field: list(choice) if many else choice if field == "selected_date_time" else str(choice)}
    offered = options_of(element) + known
    if many:
        return {"type": kind, field: [option(element, offered, one) for one in choice]}
    return {"type": kind, field: option(element, offered, choice)}


def option(element: Json, offered: list[Json], choice: Any) -> Json:  # noqa: ANN401 - a value or a whole option
    if isinstance(choice, dict):
        return choice
    for option in offered:
        if option.get("value") == str(choice):
            return option
    there = ", ".join(repr(option.get("value")) for option in offered) or "none"
    raise LookupError(f"{element['action_id']!r} offers no option {choice!r}; it offers {there}.")


def dispatches(drawn: list[Json], action: Json) -> bool:
    """Whether the app hears of this press: always, but for an input that does not ask to."""
    block = next(block for block in drawn if block["block_id"] == action["block_id"])
    return block["type"] != "input" or bool(block.get("dispatch_action"))


def rich_text(elements: list[Json]) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
