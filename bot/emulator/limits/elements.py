"""The limits of what can be pressed, chosen or filled in."""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass

from bot.emulator.limits.findings import Findings, objects_in
from bot.emulator.types import Json

MAX_ID_CHARS, MAX_URL_CHARS, MAX_ALT_CHARS = 255, 3000, 2000
MAX_BUTTON_CHARS, MAX_VALUE_CHARS, MAX_PROMPT_CHARS = 75, 2000, 4000
MAX_OPTION_CHARS, MAX_OPTION_VALUE_CHARS, MAX_OPTION_DESCRIPTION_CHARS = 75, 150, 75
MAX_OPTIONS, MAX_OVERFLOW_OPTIONS, MAX_BOXES, MAX_FILES = 100, 5, 10, 10
MAX_PLACEHOLDER_CHARS = 150
MAX_INPUT_CHARS = 3000
MAX_CONFIRM_TITLE_CHARS, MAX_CONFIRM_TEXT_CHARS, MAX_CONFIRM_ANSWER_CHARS = 100, 300, 30
PICKERS = {
    "datepicker": ("initial_date", re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"), "YYYY-MM-DD"),
    "timepicker": ("initial_time", re.compile(r"([01]\d|2[0-3]):[0-5]\d"), "HH:mm"),
    "datetimepicker": ("initial_date_time", re.compile(r"\d{10}"), "seconds since 1970 in ten digits"),
}
FILE_ID_PATTERN = re.compile(r"[F][A-Z0-9]{8,}")

SELECT_TYPES = {f"{source}_select" for source in ("static", "external", "users", "conversations", "channels")}
SELECT_TYPES |= {f"multi_{name}" for name in SELECT_TYPES}
CHOICE_TYPES = SELECT_TYPES | {"checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"}
TEXT_TYPES = {f"{kind}_input" for kind in ("plain_text", "email_text", "url_text", "number", "rich_text")}
ELEMENTS_BY_BLOCK: dict[str, set[str]] = {
    "section": CHOICE_TYPES | {"button", "overflow", "image", "workflow_button"},
    "actions": CHOICE_TYPES | {"button", "overflow", "workflow_button"},
    "context": {"image"},
    "input": CHOICE_TYPES | TEXT_TYPES | {"file_input"},
}

CONFIRM_FIELDS = {"title", "text", "confirm", "deny", "style"}
BASE_FIELDS = {"type", "action_id"}
COMMON_FIELDS = BASE_FIELDS | {"confirm", "focus_on_load", "placeholder"}
LIST_FIELDS = {"options", "option_groups", "min_query_length", "max_selected_items", "response_url_enabled", "filter"}
LIST_FIELDS |= {"default_to_current_conversation"}
INITIAL_FIELDS = {"initial_option", "initial_options", "initial_user", "initial_users", "initial_conversation"}
INITIAL_FIELDS |= {"initial_conversations", "initial_channel", "initial_channels"}
BUTTON_FIELDS = BASE_FIELDS | {"text", "value", "url", "style", "confirm", "accessibility_label", "agent_prompt"}
BOX_FIELDS = COMMON_FIELDS - {"placeholder"} | {"options", "initial_option", "initial_options"}
INPUT_FIELDS = COMMON_FIELDS - {"confirm"} | {"initial_value", "dispatch_action_config"}


@dataclass(frozen=True)
class ElementRule:
    fields: Set[str] | None
    check: Callable[[Findings, str, Json], None] | None = None


def check_element(findings: Findings, pointer: str, element: object, block_type: str) -> None:
    """Each type of block takes only some types of elements."""
    if not isinstance(element, dict):
        findings.add(pointer, "must be an element object" if element is not None else "must be there")
        return
    kind = str(element.get("type"))
    if kind not in ELEMENTS_BY_BLOCK[block_type]:
        known = ", ".join(sorted(ELEMENTS_BY_BLOCK[block_type]))
        problem = f"unsupported element {kind!r} in a block of type {block_type}; known are {known}"
        findings.add(f"{pointer}/type", problem)
        return
    findings.check_string(pointer, element, "action_id", MAX_ID_CHARS, required=element.get("action_id") is not None)
    findings.focused_elements += bool(element.get("focus_on_load"))
    findings.check_optional_text(pointer, element, "placeholder", most=MAX_PLACEHOLDER_CHARS)
    if element.get("confirm") is not None:
        _check_confirm(findings, f"{pointer}/confirm", element["confirm"])
    rule = ELEMENT_RULES[kind]
    if rule.fields is not None:
        findings.check_fields(pointer, element, rule.fields)
    if rule.check is not None:
        rule.check(findings, pointer, element)


def check_options(findings: Findings, pointer: str, element: Json, *, most: int = MAX_OPTIONS) -> None:
    options, groups = element.get("options"), element.get("option_groups")
    if (options is None) == (groups is None):
        findings.add(pointer, "must have either options or option_groups")
        return
    if options is not None:
        _check_option_list(findings, f"{pointer}/options", options, most=most)
        return
    for place, group in findings.checked_items(f"{pointer}/option_groups", groups, most=most, what="groups"):
        if not isinstance(group, dict):
            findings.add(place, "must be an option group")
            continue
        findings.check_text(f"{place}/label", group.get("label"), most=MAX_OPTION_CHARS, plain=True)
        _check_option_list(findings, f"{place}/options", group.get("options"), most=most)


def _check_option_list(
    findings: Findings, pointer: str, options: object, *, most: int, mrkdwn: bool = False, url: bool = False
) -> None:
    for place, option in findings.checked_items(pointer, options, most=most, what="options"):
        if not isinstance(option, dict):
            findings.add(place, "must be an option object")
            continue
        findings.check_fields(place, option, {"text", "value", "description"} | ({"url"} if url else set()))
        findings.check_text(f"{place}/text", option.get("text"), most=MAX_OPTION_CHARS, plain=not mrkdwn)
        findings.check_string(place, option, "value", most=MAX_OPTION_VALUE_CHARS, required=True)
        findings.check_string(place, option, "url", most=MAX_URL_CHARS)
        findings.check_optional_text(place, option, "description", most=MAX_OPTION_DESCRIPTION_CHARS, plain=not mrkdwn)


def _check_confirm(findings: Findings, pointer: str, confirm: object) -> None:
    if not isinstance(confirm, dict):
        findings.add(pointer, "must be a confirmation object")
        return
    findings.check_fields(pointer, confirm, CONFIRM_FIELDS)
    findings.check_text(f"{pointer}/title", confirm.get("title"), most=MAX_CONFIRM_TITLE_CHARS, plain=True)
    findings.check_text(f"{pointer}/text", confirm.get("text"), most=MAX_CONFIRM_TEXT_CHARS)
    findings.check_text(f"{pointer}/confirm", confirm.get("confirm"), most=MAX_CONFIRM_ANSWER_CHARS, plain=True)
    findings.check_text(f"{pointer}/deny", confirm.get("deny"), most=MAX_CONFIRM_ANSWER_CHARS, plain=True)
    _check_style(findings, pointer, confirm)


def _check_style(findings: Findings, pointer: str, part: Json) -> None:
    if part.get("style") not in (None, "primary", "danger"):
        findings.add(f"{pointer}/style", f"must be primary or danger, is {part['style']!r}")


def _check_button(findings: Findings, pointer: str, element: Json) -> None:
    findings.check_text(f"{pointer}/text", element.get("text"), most=MAX_BUTTON_CHARS, plain=True)
    limits = {"value": MAX_VALUE_CHARS, "url": MAX_URL_CHARS, "accessibility_label": MAX_BUTTON_CHARS}
    findings.check_strings(pointer, element, limits | {"agent_prompt": MAX_PROMPT_CHARS})
    _check_style(findings, pointer, element)


def _check_overflow(findings: Findings, pointer: str, element: Json) -> None:
    _check_option_list(findings, f"{pointer}/options", element.get("options"), most=MAX_OVERFLOW_OPTIONS, url=True)


def check_picture(findings: Findings, pointer: str, part: Json) -> None:
    findings.check_string(pointer, part, "alt_text", most=MAX_ALT_CHARS, required=True)
    file = part.get("slack_file")
    findings.check_string(pointer, part, "image_url", most=MAX_URL_CHARS, required=file is None)
    if file is None:
        return
    if part.get("image_url") is not None:
        findings.add(pointer, "must not have both image_url and slack_file")
    if not isinstance(file, dict) or len(file.keys() & {"id", "url"}) != 1:
        findings.add(f"{pointer}/slack_file", "must be an object with either an id or a url")
        return
    findings.check_fields(f"{pointer}/slack_file", file, {"id", "url"})
    findings.check_string(f"{pointer}/slack_file", file, "url", most=MAX_URL_CHARS)
    if "id" in file and not FILE_ID_PATTERN.fullmatch(str(file["id"])):
        findings.add(f"{pointer}/slack_file/id", f"input must match regex pattern: ^{FILE_ID_PATTERN.pattern}$")


def _check_select(findings: Findings, pointer: str, element: Json) -> None:
    if element["type"].endswith("static_select"):
        check_options(findings, pointer, element)
        _check_initial_options(findings, pointer, element)
    findings.check_number(pointer, element, "min_query_length", least=0)
    findings.check_number(pointer, element, "max_selected_items", least=1)


def _check_boxes(findings: Findings, pointer: str, element: Json) -> None:
    _check_option_list(findings, f"{pointer}/options", element.get("options"), most=MAX_BOXES, mrkdwn=True)
    _check_initial_options(findings, pointer, element)


def _check_initial_options(findings: Findings, pointer: str, element: Json) -> None:
    grouped = [one for group in objects_in(element.get("option_groups")) for one in objects_in(group.get("options"))]
    options = objects_in(element.get("options")) + grouped
    chosen = [(f"{pointer}/initial_option", element.get("initial_option"))]
    if element.get("initial_options") is not None:
        place = f"{pointer}/initial_options"
        chosen += findings.checked_items(place, element["initial_options"], most=MAX_OPTIONS, what="options")
    for place, option in chosen:
        if option is not None and option not in options:
            findings.add(place, "must be one of the options, field by field")


def _check_picker(findings: Findings, pointer: str, element: Json) -> None:
    field, pattern, shape = PICKERS[element["type"]]
    value = element.get(field)
    if value is not None and not pattern.fullmatch(str(value)):
        findings.add(f"{pointer}/{field}", f"must be {shape}, is {value!r}")


def _check_text_input(findings: Findings, pointer: str, element: Json) -> None:
    findings.check_number(pointer, element, "min_length", least=0, most=MAX_INPUT_CHARS)
    findings.check_number(pointer, element, "max_length", least=1, most=MAX_INPUT_CHARS)
    most = element.get("max_length")
    findings.check_string(pointer, element, "initial_value", most=most if isinstance(most, int) else MAX_INPUT_CHARS)


def _check_number_input(findings: Findings, pointer: str, element: Json) -> None:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        findings.add(f"{pointer}/is_decimal_allowed", "must be true or false")
    findings.check_strings(
        pointer, element, dict.fromkeys(("initial_value", "min_value", "max_value"), MAX_INPUT_CHARS)
    )


def _check_file_input(findings: Findings, pointer: str, element: Json) -> None:
    findings.check_number(pointer, element, "max_files", least=1, most=MAX_FILES)


def _check_workflow_button(findings: Findings, pointer: str, element: Json) -> None:
    findings.check_text(f"{pointer}/text", element.get("text"), most=MAX_BUTTON_CHARS, plain=True)


ELEMENT_RULES: dict[str, ElementRule] = {
    "button": ElementRule(BUTTON_FIELDS | {"visible_to_user_ids"}, _check_button),
    "overflow": ElementRule(BASE_FIELDS | {"options", "confirm"}, _check_overflow),
    "image": ElementRule({"type", "image_url", "alt_text", "slack_file"}, check_picture),
    "checkboxes": ElementRule(BOX_FIELDS, _check_boxes),
    "radio_buttons": ElementRule(BOX_FIELDS, _check_boxes),
    "number_input": ElementRule(INPUT_FIELDS | {"is_decimal_allowed", "min_value", "max_value"}, _check_number_input),
    "rich_text_input": ElementRule(INPUT_FIELDS | {"min_lines", "max_lines"}),
    "file_input": ElementRule(BASE_FIELDS | {"filetypes", "max_files"}, _check_file_input),
    "workflow_button": ElementRule(None, _check_workflow_button),
    **{name: ElementRule(COMMON_FIELDS | {PICKERS[name][0], "timezone"}, _check_picker) for name in PICKERS},
    **dict.fromkeys(
        ("plain_text_input", "email_text_input", "url_text_input"),
        ElementRule(INPUT_FIELDS | {"multiline", "min_length", "max_length"}, _check_text_input),
    ),
    **dict.fromkeys(SELECT_TYPES, ElementRule(COMMON_FIELDS | LIST_FIELDS | INITIAL_FIELDS, _check_select)),
}
