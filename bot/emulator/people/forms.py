"""What Slack's own client checks before it sends a form."""

import re

from bot.emulator.state.blocks import FILLED, Json, Values

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://\S+")
MISSING = "Please complete this required field."
FORMATS = {
    "email_text_input": (EMAIL, "Please enter a valid email address."),
    "url_text_input": (URL, "Please enter a valid URL."),
    "number_input": (re.compile(r"-?\d+(\.\d+)?"), "Please enter a valid number."),
}


def mistakes(blocks: list[Json], values: Values) -> dict[str, str]:
    """The client's own complaints by block_id; the app never hears of such a submission."""
    found = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values[block["block_id"]][element["action_id"]]
        words = _mistake(element, state[FILLED[element["type"]][0]], optional=bool(block.get("optional")))
        if words:
            found[block["block_id"]] = words
    return found


def _mistake(element: Json, value: object, *, optional: bool) -> str | None:
    if not value:
        return None if optional else MISSING
    if not isinstance(value, str):
        return None
    pattern, words = FORMATS.get(element["type"], (None, ""))
    if pattern is not None and not pattern.fullmatch(value):
        return words
    return _number(element, value) if element["type"] == "number_input" else _length(element, value)


def _length(element: Json, value: str) -> str | None:
    least, most = element.get("min_length"), element.get("max_length")
    if least is not None and len(value) < least:
        return f"Must be at least {least} characters."
    if most is not None and len(value) > most:
        return f"Must be at most {most} characters."
    return None


def _number(element: Json, value: str) -> str | None:
    if not element.get("is_decimal_allowed") and "." in value:
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(value) < float(least):
        return f"Must be {least} or more."
    if most is not None and float(value) > float(most):
        return f"Must be {most} or less."
    return None
