"""reactions.*: the app reacts to messages."""

from bot.emulator.errors import SlackError
from bot.emulator.methods.arguments import Arguments
from bot.emulator.state import messages
from bot.emulator.state.objects import message_object
from bot.emulator.state.workspace import Channel, Workspace
from bot.emulator.types import Json


def add_reaction(workspace: Workspace, arguments: Arguments) -> Json:
    channel, ts = _reacted_message(workspace, arguments)
    messages.add_reaction(workspace, channel, ts, workspace.app.bot_user, _reaction_name(arguments))
    return {"ok": True}


def remove_reaction(workspace: Workspace, arguments: Arguments) -> Json:
    channel, ts = _reacted_message(workspace, arguments)
    messages.remove_reaction(workspace, channel, ts, workspace.app.bot_user, _reaction_name(arguments))
    return {"ok": True}


def get_reactions(workspace: Workspace, arguments: Arguments) -> Json:
    channel, ts = _reacted_message(workspace, arguments)
    return {"ok": True, "type": "message", "channel": channel.id, "message": message_object(channel.messages[ts])}


def _reacted_message(workspace: Workspace, arguments: Arguments) -> tuple[Channel, str]:
    channel = workspace.channel_for_app(arguments.required("channel"))
    if workspace.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    message = messages.get_message(channel, arguments.required("timestamp"))
    return channel, message["ts"]


def _reaction_name(arguments: Arguments) -> str:
    return arguments.required("name").strip(":")
