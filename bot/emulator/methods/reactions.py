"""reactions.*: signs under a message."""

from bot.emulator.errors import Refused
from bot.emulator.state import messages
from bot.emulator.state.api_call import Asked
from bot.emulator.state.shapes import public
from bot.emulator.state.workspace import Channel, Json, Workspace


def added(workspace: Workspace, asked: Asked) -> Json:
    channel, ts = _message(workspace, asked)
    messages.react(workspace, channel, ts, workspace.app.bot_user, _name(asked))
    return {"ok": True}


def removed(workspace: Workspace, asked: Asked) -> Json:
    channel, ts = _message(workspace, asked)
    messages.unreact(workspace, channel, ts, workspace.app.bot_user, _name(asked))
    return {"ok": True}


def got(workspace: Workspace, asked: Asked) -> Json:
    channel, ts = _message(workspace, asked)
    return {"ok": True, "type": "message", "channel": channel.id, "message": public(channel.messages[ts])}


def _message(workspace: Workspace, asked: Asked) -> tuple[Channel, str]:
    channel = workspace.app_channel(asked.need("channel"))
    if workspace.app.bot_user not in channel.members:
        raise Refused("not_in_channel")
    ts = asked.need("timestamp")
    if ts not in channel.messages:
        raise Refused("message_not_found")
    return channel, ts


def _name(asked: Asked) -> str:
    return asked.need("name").strip(":")
