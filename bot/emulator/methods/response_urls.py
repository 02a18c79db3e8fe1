"""Messages that an app posts through a command's answer or a response URL."""

from http import HTTPStatus

from bot.emulator.errors import SlackError
from bot.emulator.methods.chat import app_message, response_content
from bot.emulator.state import messages
from bot.emulator.state.temporary_ids import ResponseTarget
from bot.emulator.state.workspace import Channel, Workspace
from bot.emulator.types import Json


def post_command_answer(workspace: Workspace, user: str, channel: Channel, body: Json) -> None:
    """Posts nothing where the app only acknowledged the command."""
    if body.get("text") or body.get("blocks"):
        _post(workspace, channel, user, body)


def post_response(workspace: Workspace, target: ResponseTarget, body: Json) -> None:
    channel = workspace.channel(target.channel)
    if body.get("delete_original"):
        _delete(workspace, channel, target)
    elif body.get("replace_original") and target.message_ts:
        _replace(workspace, channel, target, target.message_ts, body)
    else:
        thread_ts = body.get("thread_ts") or (target.thread_ts if target.is_ephemeral else None)
        _post(workspace, channel, target.user, body, thread_ts)


def _post(workspace: Workspace, channel: Channel, user: str, body: Json, thread_ts: str | None = None) -> None:
    content = response_content(workspace, body)
    if not content:
        raise SlackError("no_text", status=HTTPStatus.BAD_REQUEST)
    message = app_message(workspace, {"text": "", **content, **({"thread_ts": thread_ts} if thread_ts else {})})
    if body.get("response_type") == "in_channel":
        messages.post_message(workspace, channel, message)
    else:
        messages.post_ephemeral(workspace, channel, user, message)


def _replace(workspace: Workspace, channel: Channel, target: ResponseTarget, ts: str, body: Json) -> None:
    fields = {"blocks": None, **response_content(workspace, body)}
    originals = channel.ephemerals.get(target.user, {}) if target.is_ephemeral else channel.messages
    if ts not in originals:
        raise SlackError("message_not_found", status=HTTPStatus.NOT_FOUND)
    if target.is_ephemeral:
        replaced = {name: value for name, value in {**originals[ts], **fields}.items() if value is not None}
        messages.replace_ephemeral(workspace, channel, target.user, replaced)
    else:
        edited = {"user": workspace.app.bot_user, "ts": ts}
        messages.change_message(workspace, channel, ts, fields | {"edited": edited})


def _delete(workspace: Workspace, channel: Channel, target: ResponseTarget) -> None:
    ts = target.message_ts or ""
    if target.is_ephemeral:
        messages.delete_ephemeral(workspace, channel, target.user, ts)
    elif ts in channel.messages:
        messages.delete_message(workspace, channel, ts)
