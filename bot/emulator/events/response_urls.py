"""What an app says through a command's answer or a response URL."""

from bot.emulator.errors import Refused
from bot.emulator.methods.chat import content_of, signed
from bot.emulator.state import messages
from bot.emulator.state.tokens import Response
from bot.emulator.state.workspace import Channel, Json, Workspace


def answer_command(workspace: Workspace, user: str, channel: Channel, body: Json) -> Json | None:
    """The answer of a slash command; None when the app only acknowledged."""
    if not body.get("text") and not body.get("blocks"):
        return None
    return _say(workspace, channel, user, body, None)


def respond(workspace: Workspace, where: Response, body: Json) -> None:
    channel = workspace.channel(where.channel)
    if body.get("delete_original"):
        _delete(workspace, channel, where)
    elif body.get("replace_original") and where.message_ts:
        _replace(workspace, channel, where, body)
    else:
        thread = body.get("thread_ts") or (where.thread_ts if where.is_ephemeral else None)
        _say(workspace, channel, where.user, body, thread)


def _say(workspace: Workspace, channel: Channel, user: str, body: Json, thread: str | None) -> Json:
    content = content_of(workspace, body)
    if not content:
        raise Refused("no_text", status=400)
    message = signed(workspace, {"text": "", **content, **({"thread_ts": thread} if thread else {})})
    if body.get("response_type") == "in_channel":
        return messages.post(workspace, channel, message)
    return messages.whisper(workspace, channel, user, message)


def _replace(workspace: Workspace, channel: Channel, where: Response, body: Json) -> None:
    fields = {"blocks": None, **content_of(workspace, body)}
    ts = where.message_ts or ""
    if where.is_ephemeral:
        before = channel.ephemerals.get(where.user, {}).get(ts)
        if before is None:
            raise Refused("message_not_found", status=404)
        after = {name: value for name, value in {**before, **fields}.items() if value is not None}
        messages.rewhisper(workspace, channel, where.user, after)
        return
    if ts not in channel.messages:
        raise Refused("message_not_found", status=404)
    messages.change(workspace, channel, ts, fields | {"edited": {"user": workspace.app.bot_user, "ts": ts}})


def _delete(workspace: Workspace, channel: Channel, where: Response) -> None:
    ts = where.message_ts or ""
    if where.is_ephemeral:
        messages.unwhisper(workspace, channel, where.user, ts)
    elif ts in channel.messages:
        messages.delete(workspace, channel, ts)
