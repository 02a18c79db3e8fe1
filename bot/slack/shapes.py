"""The least that each kind of Slack's payloads holds; what holds less is refused before anything reads it."""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Payload = dict[str, Any]
SlackId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,60}$")]
MaybeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{0,60}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Key = Annotated[str, StringConstraints(max_length=150)]
MessageTs = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}\.[0-9]{1,8}$")]
Seconds = Annotated[int, Field(ge=0, le=2**36)]
Count = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")] | Seconds
MAX_DEPTH: Final = 50  # Slack's own end at about twenty
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes them, and nobody types them


class MalformedPayload(Exception):
    """Names the places that are wrong, and nothing of what stands there."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class Team(Shape):
    id: str = ""
    enterprise_id: str = ""


class Actor(Shape):
    id: SlackId
    team_id: str = ""


class Place(Shape):
    id: str = ""


class RealPlace(Place):
    id: SlackId


class Container(Shape):
    type: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""


class Option(Shape):
    value: str = ""


class Answer(Shape):
    """What was pressed or chosen, or stands in a field of a form."""

    type: str = ""
    value: str = ""
    selected_option: Option = Option()
    selected_user: str = ""
    selected_users: list[str] = []
    selected_date: str = ""
    selected_time: str = ""


class Action(Answer):
    action_id: Name
    block_id: str


class Block(Shape):
    type: str
    block_id: str = ""


class FormState(Shape):
    values: dict[str, dict[str, Answer]] = {}


class View(Shape):
    id: Key
    type: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    hash: str = ""
    app_installed_team_id: str = ""
    blocks: list[Block]
    state: FormState = FormState()


class Form(View):
    type: Name  # Bolt's own look-up of workflow steps needs it
    callback_id: Name


class File(Shape):
    id: str = ""
    name: str = ""
    permalink: str = ""


class Message(Shape):
    user: MaybeId = ""
    team: str = ""
    user_team: str = ""
    source_team: str = ""
    text: str = ""
    thread_ts: MessageTs = ""  # not validated where it is missing
    bot_id: str = ""
    files: list[File] = []


class PointedMessage(Message):
    ts: MessageTs


class Request(Shape):
    """What all have in common, as far as anything of ours or of Bolt's reads it."""

    trigger_id: Key = ""
    response_url: str = ""
    team: Team = Team()
    enterprise: Team = Team()
    enterprise_id: str = ""
    team_id: str = ""
    channel: Place = Place()
    container: Container = Container()
    view: View | None = None
    message: Message = Message()
    is_ext_shared_channel: bool = False


class Command(Request):
    command: Name
    user_id: SlackId
    text: str = ""
    channel_id: str = ""
    is_enterprise_install: bool | str = False


class Press(Request):
    user: Actor
    actions: Annotated[list[Action], Field(min_length=1)]


class ResponseUrl(Shape):
    response_url: str = ""


class FormRequest(Request):
    user: Actor
    response_urls: list[ResponseUrl] = []
    view: Form


class MessageShortcut(Request):
    user: Actor
    callback_id: Name
    channel: RealPlace
    message: PointedMessage


class Shortcut(Request):
    user: Actor
    callback_id: Name


class Suggestion(Request):
    user: Actor
    action_id: Name
    value: str = ""


class Authorization(Shape):
    user_id: str = ""
    team_id: str = ""
    enterprise_id: str = ""


class Event(Shape):
    """Any event; whom it is about may be an id or a profile."""

    type: Name
    team: str = ""
    user_team: str = ""
    source_team: str = ""
    user: MaybeId | dict[str, Any] = ""
    channel: str | dict[str, Any] = ""


class EditedMessage(Message):
    ts: MessageTs = ""
    subtype: str = ""


class SaidEvent(Message):
    message: EditedMessage = EditedMessage()
    previous_message: EditedMessage = EditedMessage()
    deleted_ts: MessageTs = ""
    type: Name
    channel: SlackId
    ts: MessageTs
    channel_type: str = ""
    subtype: str = ""


class HomeOpened(Shape):
    type: Name
    user: SlackId
    channel: str = ""
    tab: str = ""


class Status(Shape):
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: Seconds = 0
    real_name: str = ""
    display_name: str = ""


class Organisation(Shape):
    enterprise_id: str = ""


class Person(Actor):
    profile: Status = Status()
    name: str = ""
    real_name: str = ""
    tz: str = ""
    enterprise_user: Organisation = Organisation()


class PersonChanged(Shape):
    user: Person


class Group(Shape):
    id: SlackId
    name: str = ""
    handle: str = ""
    users: list[str] = []
    user_count: Count = 0
    date_update: Seconds = 0


class GroupChanged(Shape):
    subteam: Group


class DoNotDisturb(Shape):
    next_dnd_start_ts: Seconds = 0
    next_dnd_end_ts: Seconds = 0


class DoNotDisturbChanged(Shape):
    user: SlackId
    dnd_status: DoNotDisturb = DoNotDisturb()


class EventRequest(Request):
    event: Event
    event_id: Key = ""
    authorizations: list[Authorization] = []


class UrlVerification(Shape):
    challenge: str


SHAPES: Final[dict[str, tuple[str, type[Shape]]]] = {
    "block_actions": ("action", Press),
    "block_suggestion": ("options", Suggestion),
    "message_action": ("shortcut", MessageShortcut),
    "shortcut": ("shortcut", Shortcut),
    "view_submission": ("view", FormRequest),
    "view_closed": ("view", FormRequest),
    "event_callback": ("event", EventRequest),
    "url_verification": ("event", UrlVerification),
}
EVENT_SHAPES: Final[dict[str, type[Shape]]] = {
    "app_mention": SaidEvent,
    "message": SaidEvent,
    "app_home_opened": HomeOpened,
    "user_change": PersonChanged,
    "subteam_updated": GroupChanged,
    "dnd_updated_user": DoNotDisturbChanged,
}


def read_payload(payload: object) -> Payload:
    """The payload without its nulls, which mean the same as nothing. MalformedPayload where something is missing."""
    if not isinstance(payload, dict):
        raise MalformedPayload("it is no object")
    try:
        cleaned: Payload = _without_nulls(payload)
        _shape_of(cleaned).model_validate(cleaned)
        if cleaned.get("type") == "event_callback":
            EVENT_SHAPES.get(cleaned["event"]["type"], Event).model_validate(cleaned["event"])
    except ValidationError as error:
        raise MalformedPayload(", ".join(sorted({_place(fault["loc"]) for fault in error.errors()}))) from None
    return cleaned


def payload_kind(payload: Payload) -> str:
    """In Bolt's words: command, action, view, shortcut, options or event."""
    if "command" in payload:
        return "command"
    kind, _ = SHAPES.get(str(payload.get("type")), ("other", Shape))
    return kind


def _shape_of(payload: Payload) -> type[Shape]:
    if "command" in payload:
        return Command
    if payload.get("type") not in list(SHAPES):
        raise MalformedPayload("its type is unknown")
    return SHAPES[payload["type"]][1]


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
    """The names of our own models alone: what else stands there may be anything."""
    names = [name for name in location[:2] if isinstance(name, str) and re.fullmatch("[a-z_]{1,30}", name)]
    return ".".join(names)
