"""How a person fills in blocks: her choices become state and actions, and Slack's own client checks her form."""

import re
from collections.abc import Mapping
from typing import TypedDict

from bot.emulator.errors import SlackError
from bot.emulator.limits import surfaces
from bot.emulator.session import AppSession
from bot.emulator.state import blocks
from bot.emulator.state.blocks import INPUT_STATES, FormState
from bot.emulator.types import Json

BUTTON_FIELDS = ("text", "value", "style", "url")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://\S+")
REQUIRED_ERROR = "Please complete this required field."
FORMATS = {
    "email_text_input": (EMAIL, "Please enter a valid email address."),
    "url_text_input": (URL, "Please enter a valid URL."),
    "number_input": (re.compile(r"-?\d+(\.\d+)?"), "Please enter a valid number."),
}


class Choice(TypedDict, total=False):
    """What a person chooses in an element; state: of the blocks around it, as the page has it."""

    choose: object
    block_id: str | None
    state: FormState | None


class FormFiller:
    """Remembers the options that the app suggested, so that one of them can be chosen."""

    def __init__(self, session: AppSession) -> None:
        self._session = session
        self._suggested: dict[str, list[Json]] = {}

    def action_and_state(self, in_blocks: list[Json], action_id: str, choice: Choice) -> tuple[Json, FormState]:
        """The action of block_actions, and the state of all the blocks around it."""
        block, element = required_element(in_blocks, action_id, choice.get("block_id"))
        chosen, state = choice.get("choose"), choice.get("state")
        filled = blocks.form_state(in_blocks, state)
        action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        if element["type"] in INPUT_STATES:
            if chosen is not None or not state:
                filled[block["block_id"]][action_id] = self._chosen_state(element, chosen)
            action |= filled[block["block_id"]][action_id]
        elif element["type"] == "overflow":
            action["selected_option"] = blocks.find_option(element, blocks.all_options(element), chosen)
        else:
            action |= {name: element[name] for name in BUTTON_FIELDS if name in element}
        return action | {"action_ts": self._session.workspace.new_ts()}, filled

    def filled_state(self, view: Json, choices: Mapping[str, object]) -> FormState:
        """choices: by action_id."""
        state = blocks.form_state(view["blocks"], view["state"]["values"])
        for action_id, choice in choices.items():
            block, element = required_element(view["blocks"], action_id)
            state[block["block_id"]][action_id] = self._chosen_state(element, choice)
        return state

    def accept_suggestions(self, element: Json, body: object) -> Json:
        """Records a refusal, and accepts nothing, when the app's answer breaks a limit."""
        problems = surfaces.suggestion_problems(body)
        if problems or not isinstance(body, dict):
            self._session.record_refusal("block_suggestion", SlackError("invalid_options", problems=problems))
            return {"options": []}
        accepted: Json = {name: body[name] for name in ("options", "option_groups") if name in body}
        suggested = self._suggested.setdefault(element["action_id"], [])
        suggested += [option for option in blocks.all_options(accepted) if option not in suggested]
        return accepted

    def _chosen_state(self, element: Json, choice: object) -> Json:
        return blocks.chosen_state(element, choice, self._suggested.get(element["action_id"], []))


def required_element(in_blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and its element; a LookupError names those that are there."""
    block_and_element = blocks.find_element(in_blocks, action_id, block_id)
    if block_and_element is None:
        others = ", ".join(element["action_id"] for _, element in blocks.interactive_elements(in_blocks)) or "nothing"
        raise LookupError(f"There is no {action_id!r} to press here; there is {others}.")
    return block_and_element


def form_errors(in_blocks: list[Json], state: FormState) -> dict[str, str]:
    errors = {}
    for block in in_blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = state[block["block_id"]][element["action_id"]][INPUT_STATES[element["type"]][0]]
        error = _input_error(element, value, optional=bool(block.get("optional")))
        if error:
            errors[block["block_id"]] = error
    return errors


def _input_error(element: Json, value: object, *, optional: bool) -> str | None:
    if not value:
        return None if optional else REQUIRED_ERROR
    if not isinstance(value, str):
        return None
    pattern, error = FORMATS.get(element["type"], (None, ""))
    if pattern is not None and not pattern.fullmatch(value):
        return error
    return _number_error(element, value) if element["type"] == "number_input" else _length_error(element, value)


def _length_error(element: Json, value: str) -> str | None:
    least, most = element.get("min_length"), element.get("max_length")
    if least is not None and len(value) < least:
        return f"Must be at least {least} characters."
    if most is not None and len(value) > most:
        return f"Must be at most {most} characters."
    return None


def _number_error(element: Json, value: str) -> str | None:
    if not element.get("is_decimal_allowed") and "." in value:
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(value) < float(least):
        return f"Must be {least} or more."
    if most is not None and float(value) > float(most):
        return f"Must be {most} or less."
    return None
