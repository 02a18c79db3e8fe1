"""The limits of what can be pressed, chosen or filled in."""

import re
from collections.abc import Callable

from bot.emulator.limits.findings import Found, Json, rows_of

ID, URL, ALT = 255, 3000, 2000
BUTTON, VALUE, PROMPT = 75, 2000, 4000
OPTION_TEXT, OPTION_VALUE, OPTION_DESCRIPTION = 75, 150, 75
OPTIONS, OVERFLOW, BOXES, FILES = 100, 5, 10, 10
PLACEHOLDER = 150
TYPED = 3000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_ANSWER = 100, 300, 30
MANY = 1_000_000
DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
SECONDS = re.compile(r"\d{10}")
FILE = re.compile(r"[F][A-Z0-9]{8,}")

SELECTS = {f"{who}_select" for who in ("static", "external", "users", "conversations", "channels")}
MULTI = {f"multi_{name}" for name in SELECTS}
BOXED = {"checkboxes", "radio_buttons"}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
TYPING = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"}
PLACES: dict[str, set[str]] = {
    "section": {"button", "overflow", "image", "workflow_button"} | SELECTS | MULTI | BOXED | PICKERS,
    "actions": {"button", "overflow", "workflow_button"} | SELECTS | MULTI | BOXED | PICKERS,
    "context": {"image"},
    "input": SELECTS | MULTI | BOXED | PICKERS | TYPING,
}

CONFIRM_FIELDS = {"title", "text", "confirm", "deny", "style"}
BASE = {"type", "action_id"}
COMMON = BASE | {"confirm", "focus_on_load", "placeholder"}
LISTED = {"options", "option_groups", "min_query_length", "max_selected_items", "response_url_enabled", "filter"}
LISTED |= {"default_to_current_conversation"}
INITIAL = {"initial_option", "initial_options", "initial_user", "initial_users", "initial_conversation"}
INITIAL |= {"initial_conversations", "initial_channel", "initial_channels"}


def check_element(found: Found, pointer: str, element: object, place: str) -> None:
    """place is the block the element stands in; not every element may stand everywhere."""
    if not isinstance(element, dict):
        found.say(pointer, "must be an element object" if element is not None else "must be there")
        return
    kind = str(element.get("type"))
    if kind not in PLACES[place]:
        known = ", ".join(sorted(PLACES[place]))
        found.say(f"{pointer}/type", f"unsupported element {kind!r} in a block of type {place}; known are {known}")
        return
    found.string(element, pointer, "action_id", most=ID, least=1)
    found.focused += bool(element.get("focus_on_load"))
    if element.get("placeholder") is not None:
        found.text(f"{pointer}/placeholder", element["placeholder"], most=PLACEHOLDER, plain=True)
    if element.get("confirm") is not None:
        _confirm(found, f"{pointer}/confirm", element["confirm"])
    _checker(kind)(found, pointer, element)


def check_options(found: Found, pointer: str, element: Json, *, most: int, mrkdwn: bool = False) -> None:
    """Either options or option_groups, each within its limits."""
    options, groups = element.get("options"), element.get("option_groups")
    if (options is None) == (groups is None):
        found.say(pointer, "must have either options or option_groups")
        return
    if options is not None:
        _options(found, f"{pointer}/options", options, most=most, mrkdwn=mrkdwn)
        return
    for at, group in enumerate(found.count(f"{pointer}/option_groups", groups, least=1, most=most, what="groups")):
        place = f"{pointer}/option_groups/{at}"
        if not isinstance(group, dict):
            found.say(place, "must be an option group")
            continue
        found.text(f"{place}/label", group.get("label"), most=OPTION_TEXT, plain=True)
        _options(found, f"{place}/options", group.get("options"), most=most)


def _options(
    found: Found, pointer: str, options: object, *, most: int, mrkdwn: bool = False, url: bool = False
) -> None:
    for at, option in enumerate(found.count(pointer, options, least=1, most=most, what="options")):
        place = f"{pointer}/{at}"
        if not isinstance(option, dict):
            found.say(place, "must be an option object")
            continue
        found.only(place, option, {"text", "value", "description"} | ({"url"} if url else set()))
        found.text(f"{place}/text", option.get("text"), most=OPTION_TEXT, plain=not mrkdwn)
        found.string(option, place, "value", most=OPTION_VALUE, required=True)
        found.string(option, place, "url", most=URL)
        if option.get("description") is not None:
            found.text(f"{place}/description", option["description"], most=OPTION_DESCRIPTION, plain=not mrkdwn)


def _confirm(found: Found, pointer: str, confirm: object) -> None:
    if not isinstance(confirm, dict):
        found.say(pointer, "must be a confirmation object")
        return
    found.only(pointer, confirm, CONFIRM_FIELDS)
    found.text(f"{pointer}/title", confirm.get("title"), most=CONFIRM_TITLE, plain=True)
    found.text(f"{pointer}/text", confirm.get("text"), most=CONFIRM_TEXT)
    found.text(f"{pointer}/confirm", confirm.get("confirm"), most=CONFIRM_ANSWER, plain=True)
    found.text(f"{pointer}/deny", confirm.get("deny"), most=CONFIRM_ANSWER, plain=True)
    _style(found, pointer, confirm)


def _style(found: Found, pointer: str, part: Json) -> None:
    if part.get("style") not in (None, "primary", "danger"):
        found.say(f"{pointer}/style", f"must be primary or danger, is {part['style']!r}")


def _button(found: Found, pointer: str, element: Json) -> None:
    more = {"text", "value", "url", "style", "confirm", "accessibility_label", "agent_prompt", "visible_to_user_ids"}
    found.only(pointer, element, BASE | more)
    found.text(f"{pointer}/text", element.get("text"), most=BUTTON, plain=True)
    found.string(element, pointer, "value", most=VALUE)
    found.string(element, pointer, "url", most=URL)
    found.string(element, pointer, "accessibility_label", most=BUTTON)
    found.string(element, pointer, "agent_prompt", most=PROMPT)
    _style(found, pointer, element)


def _overflow(found: Found, pointer: str, element: Json) -> None:
    found.only(pointer, element, BASE | {"options", "confirm"})
    _options(found, f"{pointer}/options", element.get("options"), most=OVERFLOW, url=True)


def _image(found: Found, pointer: str, element: Json) -> None:
    found.only(pointer, element, {"type", "image_url", "alt_text", "slack_file"})
    check_picture(found, pointer, element)


def check_picture(found: Found, pointer: str, part: Json) -> None:
    """Words for those who do not see it, and where it comes from: an address, or a file named in one of two ways."""
    found.string(part, pointer, "alt_text", most=ALT, required=True)
    file = part.get("slack_file")
    found.string(part, pointer, "image_url", most=URL, required=file is None)
    if file is None:
        return
    if part.get("image_url") is not None:
        found.say(pointer, "must not have both image_url and slack_file")
    if not isinstance(file, dict) or len(file.keys() & {"id", "url"}) != 1:
        found.say(f"{pointer}/slack_file", "must be an object with either an id or a url")
        return
    found.only(f"{pointer}/slack_file", file, {"id", "url"})
    found.string(file, f"{pointer}/slack_file", "url", most=URL)
    if "id" in file and not FILE.fullmatch(str(file["id"])):
        found.say(f"{pointer}/slack_file/id", f"input must match regex pattern: ^{FILE.pattern}$")


def _select(found: Found, pointer: str, element: Json) -> None:
    found.only(pointer, element, COMMON | LISTED | INITIAL)
    if element["type"].endswith("static_select"):
        check_options(found, pointer, element, most=OPTIONS)
        _initial(found, pointer, element)
    found.number(element, pointer, "min_query_length", least=0, most=MANY)
    found.number(element, pointer, "max_selected_items", least=1, most=MANY)


def _boxes(found: Found, pointer: str, element: Json) -> None:
    found.only(pointer, element, COMMON - {"placeholder"} | {"options", "initial_option", "initial_options"})
    _options(found, f"{pointer}/options", element.get("options"), most=BOXES, mrkdwn=True)
    _initial(found, pointer, element)


def _initial(found: Found, pointer: str, element: Json) -> None:
    """What is chosen at first must be exactly one of the options."""
    grouped = [one for group in rows_of(element.get("option_groups")) for one in rows_of(group.get("options"))]
    offered = rows_of(element.get("options")) + grouped
    initial = element.get("initial_option")
    if initial is not None and initial not in offered:
        found.say(f"{pointer}/initial_option", "must be one of the options, field by field")
    many = element.get("initial_options")
    if many is None:
        return
    for at, one in enumerate(found.count(f"{pointer}/initial_options", many, least=1, most=OPTIONS, what="options")):
        if one not in offered:
            found.say(f"{pointer}/initial_options/{at}", "must be one of the options, field by field")


def _picker(found: Found, pointer: str, element: Json) -> None:
    field, pattern, shape = {
        "datepicker": ("initial_date", DATE, "YYYY-MM-DD"),
        "timepicker": ("initial_time", TIME, "HH:mm"),
        "datetimepicker": ("initial_date_time", SECONDS, "seconds since 1970 in ten digits"),
    }[element["type"]]
    found.only(pointer, element, COMMON | {field, "timezone"})
    value = element.get(field)
    if value is not None and not pattern.fullmatch(str(value)):
        found.say(f"{pointer}/{field}", f"must be {shape}, is {value!r}")


def _typing(found: Found, pointer: str, element: Json) -> None:
    more = {"initial_value", "multiline", "min_length", "max_length", "dispatch_action_config"}
    found.only(pointer, element, COMMON - {"confirm"} | more)
    found.number(element, pointer, "min_length", least=0, most=TYPED)
    found.number(element, pointer, "max_length", least=1, most=TYPED)
    most = element.get("max_length")
    found.string(element, pointer, "initial_value", most=most if isinstance(most, int) else TYPED)


def _number(found: Found, pointer: str, element: Json) -> None:
    more = {"is_decimal_allowed", "initial_value", "min_value", "max_value", "dispatch_action_config"}
    found.only(pointer, element, COMMON - {"confirm"} | more)
    if not isinstance(element.get("is_decimal_allowed"), bool):
        found.say(f"{pointer}/is_decimal_allowed", "must be true or false")
    for name in ("initial_value", "min_value", "max_value"):
        found.string(element, pointer, name, most=TYPED)


def _rich(found: Found, pointer: str, element: Json) -> None:
    more = {"initial_value", "dispatch_action_config", "min_lines", "max_lines"}
    found.only(pointer, element, COMMON - {"confirm"} | more)


def _files(found: Found, pointer: str, element: Json) -> None:
    found.only(pointer, element, BASE | {"filetypes", "max_files"})
    found.number(element, pointer, "max_files", least=1, most=FILES)


def _workflow(found: Found, pointer: str, element: Json) -> None:
    found.text(f"{pointer}/text", element.get("text"), most=BUTTON, plain=True)


def _checker(kind: str) -> Callable[[Found, str, Json], None]:
    if kind in SELECTS | MULTI:
        return _select
    return CHECKS.get(kind, _typing)


CHECKS: dict[str, Callable[[Found, str, Json], None]] = {
    "button": _button,
    "overflow": _overflow,
    "image": _image,
    "checkboxes": _boxes,
    "radio_buttons": _boxes,
    "datepicker": _picker,
    "timepicker": _picker,
    "datetimepicker": _picker,
    "number_input": _number,
    "rich_text_input": _rich,
    "file_input": _files,
    "workflow_button": _workflow,
}
