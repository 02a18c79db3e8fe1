"""Where a person is when they speak to Baton, in any payload."""

from dataclasses import dataclass

from handlers.slack.payloads import Body, trigger_id_of, user_of


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


def is_from_workspace(body: Body, workspace: str) -> bool:
    """False for guests of a channel that is shared with another company.

    In an organisation of several workspaces people come from any of them, and Slack names the organisation.
    """
    user, event = body.get("user"), body.get("event", {})
    if "command" in body:
        team = body.get("team_id")
    elif isinstance(user, dict):
        team = user.get("team_id")
    else:
        team = event.get("user_team") or event.get("team")
    return bool(body.get("enterprise") or body.get("enterprise_id")) or team in (None, "", workspace)


def typed_texts(body: Body) -> list[str]:
    """The free texts of a form, in the order of its fields."""
    values = body["view"].get("state", {}).get("values", {})
    elements = [element for block in values.values() for element in block.values()]
    texts = (str(one.get("value") or "") for one in elements if one.get("type") == "plain_text_input")
    return [text for text in texts if text.strip()]
