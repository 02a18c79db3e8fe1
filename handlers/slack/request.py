"""Where a person is when they speak to Baton, in any payload."""

import re
from dataclasses import dataclass

from handlers.slack.ids import Button
from handlers.slack.payloads import Body, trigger_id_of, user_of

_MENTIONS_ALONE = re.compile(r"(?:<@[^<>]*>\s*)+")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Where the person is; `channel` is empty in a form and on Home."""

    user: str
    channel: str = ""
    thread: str | None = None
    trigger_id: str = ""
    in_form: bool = False

    @classmethod
    def from_body(cls, body: Body) -> "RequestContext":
        event, container = body.get("event", {}), body.get("container", {})
        channel = container.get("channel_id") or event.get("channel") or body.get("channel", {}).get("id")
        return cls(
            user=user_of(body),
            channel="" if container.get("type") == "view" else str(channel or ""),
            thread=container.get("thread_ts") or event.get("thread_ts"),
            trigger_id=trigger_id_of(body),
            in_form=(body.get("view") or {}).get("type") == "modal",
        )


def is_addressed_to_bot(body: Body) -> bool:
    """Whether the event is meant for Baton, and not part of people's own conversation."""
    event = body["event"]
    return event["type"] in ("app_mention", "app_home_opened") or event.get("channel_type") == "im"


def typed_line(kind: str, body: Body) -> str:
    """What was typed behind a command or said to Baton, as Slack escaped it; empty for all that keeps its own text."""
    if kind == "command":
        return str(body.get("text") or "").strip()
    if kind == "event" and is_addressed_to_bot(body):
        said = str(body["event"].get("text") or "").strip()
        return "" if _MENTIONS_ALONE.fullmatch(said) else said
    if kind == "action" and body["actions"][0]["action_id"] == Button.FILE_ANYWAY:
        return str(body["actions"][0].get("value") or "")
    return ""


def typed_texts(body: Body) -> list[str]:
    """The free texts of a form, in the order of its fields."""
    values = body["view"].get("state", {}).get("values", {})
    elements = [element for block in values.values() for element in block.values()]
    texts = (str(one.get("value") or "") for one in elements if one.get("type") == "plain_text_input")
    return [text for text in texts if text.strip()]
