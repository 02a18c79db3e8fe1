"""The least that each kind of Slack's payloads holds; what holds less is refused before anything reads it."""

import re
from typing import Annotated, Any, Final, Required

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict

Payload = dict[str, Any]
SlackId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,60}$")]
MaybeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{0,60}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Key = Annotated[str, StringConstraints(max_length=150)]
TypedLine = Annotated[str, StringConstraints(max_length=40_000)]  # Slack's own boxes take far less
MessageTs = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}\.[0-9]{1,8}$")]
Seconds = Annotated[int, Field(ge=0, le=2**36)]
Count = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")] | Seconds
MAX_DEPTH: Final = 50  # Slack's own end at about twenty
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes them, and nobody types them


class MalformedPayload(Exception):
    """Names the places that are wrong, and none of the values there."""


class Shape(TypedDict, total=False):
    __pydantic_config__ = ConfigDict(strict=True)  # type: ignore[misc]


class Team(Shape, total=False):
    id: str
    enterprise_id: str


class Actor(Shape, total=False):
    id: Required[SlackId]
    team_id: str


class Place(Shape, total=False):
    id: str


class RealPlace(Shape, total=False):
    id: Required[SlackId]


class Container(Shape, total=False):
    type: str
    channel_id: str
    message_ts: str
    thread_ts: str


class Option(Shape, total=False):
    value: str


class Answer(Shape, total=False):
    """What was pressed or chosen, or the value of a form's field."""

    type: str
    value: str
    selected_option: Option
    selected_user: str
    selected_users: list[str]
    selected_date: str
    selected_time: str


class Action(Answer, total=False):
    action_id: Required[Name]
    block_id: Required[str]


class Block(Shape, total=False):
    type: Required[str]
    block_id: str


class FormState(Shape, total=False):
    values: dict[str, dict[str, Answer]]


class AnyView(Shape, total=False):
    id: Required[Key]
    private_metadata: str
    hash: str
    app_installed_team_id: str
    blocks: Required[list[Block]]
    state: FormState


class View(AnyView, total=False):
    type: str
    callback_id: str


class Form(AnyView, total=False):
    type: Required[Name]  # Bolt's own look-up of workflow steps needs it
    callback_id: Required[Name]


class File(Shape, total=False):
    id: str
    name: str
    permalink: str


class Message(Shape, total=False):
    user: MaybeId
    team: str
    user_team: str
    source_team: str
    text: str
    thread_ts: MessageTs  # not validated where it is missing
    bot_id: str
    files: list[File]


class PointedMessage(Message, total=False):
    ts: Required[MessageTs]


class Envelope(Shape, total=False):
    """What all have in common, as far as anything of ours or of Bolt's reads it."""

    trigger_id: Key
    response_url: str
    team: Team
    enterprise: Team
    enterprise_id: str
    team_id: str
    container: Container
    is_ext_shared_channel: bool


class Request(Envelope, total=False):
    channel: Place
    view: View
    message: Message


class Command(Request, total=False):
    command: Required[Name]
    user_id: Required[SlackId]
    text: TypedLine
    channel_id: str
    is_enterprise_install: bool | str


class Press(Request, total=False):
    user: Required[Actor]
    actions: Required[Annotated[list[Action], Field(min_length=1)]]


class ResponseUrl(Shape, total=False):
    response_url: str


class FormRequest(Envelope, total=False):
    user: Required[Actor]
    response_urls: list[ResponseUrl]
    view: Required[Form]


class MessageShortcut(Envelope, total=False):
    user: Required[Actor]
    callback_id: Required[Name]
    channel: Required[RealPlace]
    message: Required[PointedMessage]


class Shortcut(Request, total=False):
    user: Required[Actor]
    callback_id: Required[Name]


class Suggestion(Request, total=False):
    user: Required[Actor]
    action_id: Required[Name]
    value: str


class Authorization(Shape, total=False):
    user_id: str
    team_id: str
    enterprise_id: str


class Event(Shape, total=False):
    """Any event; whom it is about may be an id or a profile."""

    type: Required[Name]
    team: str
    user_team: str
    source_team: str
    user: MaybeId | dict[str, Any]
    channel: str | dict[str, Any]


class EditedMessage(Message, total=False):
    ts: MessageTs
    subtype: str


class SaidEvent(Message, total=False):
    message: EditedMessage
    previous_message: EditedMessage
    deleted_ts: MessageTs
    type: Required[Name]
    channel: Required[SlackId]
    ts: Required[MessageTs]
    channel_type: str
    subtype: str


class HomeOpened(Shape, total=False):
    type: Required[Name]
    user: Required[SlackId]
    channel: str
    tab: str


class Status(Shape, total=False):
    status_text: str
    status_emoji: str
    status_expiration: Seconds
    real_name: str
    display_name: str


class Organisation(Shape, total=False):
    enterprise_id: str


class Person(Actor, total=False):
    profile: Status
    name: str
    real_name: str
    tz: str
    enterprise_user: Organisation


class PersonChanged(Shape, total=False):
    user: Required[Person]


class Group(Shape, total=False):
    id: Required[SlackId]
    name: str
    handle: str
    users: list[str]
    user_count: Count
    date_update: Seconds


class GroupChanged(Shape, total=False):
    subteam: Required[Group]


class DoNotDisturb(Shape, total=False):
    next_dnd_start_ts: Seconds
    next_dnd_end_ts: Seconds


class DoNotDisturbChanged(Shape, total=False):
    user: Required[SlackId]
    dnd_status: DoNotDisturb


class EventRequest(Request, total=False):
    event: Required[Event]
    event_id: Key
    authorizations: list[Authorization]


class UrlVerification(Shape, total=False):
    challenge: Required[str]


Check = TypeAdapter[Any]
KINDS: Final[dict[str, tuple[str, Check]]] = {
    "block_actions": ("action", TypeAdapter(Press)),
    "block_suggestion": ("options", TypeAdapter(Suggestion)),
    "message_action": ("shortcut", TypeAdapter(MessageShortcut)),
    "shortcut": ("shortcut", TypeAdapter(Shortcut)),
    "view_submission": ("view", TypeAdapter(FormRequest)),
    "view_closed": ("view", TypeAdapter(FormRequest)),
    "event_callback": ("event", TypeAdapter(EventRequest)),
    "url_verification": ("event", TypeAdapter(UrlVerification)),
}
EVENTS: Final[dict[str, Check]] = {
    "app_mention": TypeAdapter(SaidEvent),
    "message": TypeAdapter(SaidEvent),
    "app_home_opened": TypeAdapter(HomeOpened),
    "user_change": TypeAdapter(PersonChanged),
    "subteam_updated": TypeAdapter(GroupChanged),
    "dnd_updated_user": TypeAdapter(DoNotDisturbChanged),
}
COMMAND: Final[Check] = TypeAdapter(Command)


def read_payload(payload: object) -> Payload:
    """The payload without its nulls, which mean the same as nothing. MalformedPayload where something is missing."""
    if not isinstance(payload, dict):
        raise MalformedPayload("it is no object")
    try:
        cleaned: Payload = _without_nulls(payload)
        _check_of(cleaned).validate_python(cleaned)
        if cleaned.get("type") == "event_callback" and cleaned["event"]["type"] in EVENTS:
            EVENTS[cleaned["event"]["type"]].validate_python(cleaned["event"])
    except ValidationError as error:
        raise MalformedPayload(", ".join(sorted({_place(fault["loc"]) for fault in error.errors()}))) from None
    return cleaned


def payload_kind(payload: Payload) -> str:
    """In Bolt's words: command, action, view, shortcut, options or event."""
    if "command" in payload:
        return "command"
    kind, _ = KINDS.get(str(payload.get("type")), ("other", COMMAND))
    return kind


def _check_of(payload: Payload) -> Check:
    if "command" in payload:
        return COMMAND
    if payload.get("type") not in list(KINDS):
        raise MalformedPayload("its type is unknown")
    return KINDS[payload["type"]][1]


def _without_nulls(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    if depth > MAX_DEPTH:
        raise MalformedPayload("it is nested too deep")
    if isinstance(value, dict):
        return {_storable(key): _without_nulls(one, depth + 1) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one, depth + 1) for one in value]
    return _storable(value) if isinstance(value, str) else value


def _storable(text: str) -> str:
    return _NOT_STORABLE.sub("", text)


def _place(location: tuple[int | str, ...]) -> str:
    """The names of our own models alone: any other part may be text of the request."""
    names = [name for name in location[:2] if isinstance(name, str) and re.fullmatch("[a-z_]{1,30}", name)]
    return ".".join(names)
