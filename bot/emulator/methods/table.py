"""Every method the workspace answers, with the scopes it asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.emulator.methods import chat, conversations, files, reactions, team, users, views
from bot.emulator.state.api_call import Asked
from bot.emulator.state.workspace import Json, Workspace


@dataclass(frozen=True)
class Method:
    """scopes: all are needed. Methods that ask by channel type (conversations.*) check theirs themselves."""

    run: Callable[[Workspace, Asked], Json]
    scopes: tuple[str, ...] = ()
    open_to_all: bool = False


METHODS: dict[str, Method] = {
    "api.test": Method(team.api_test, open_to_all=True),
    "auth.test": Method(team.auth_test),
    "blocks.validate": Method(views.validated),
    "bots.info": Method(team.bot_info, ("users:read",)),
    "chat.delete": Method(chat.delete, ("chat:write",)),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(chat.post_message, ("chat:write",)),
    "chat.update": Method(chat.update, ("chat:write",)),
    "conversations.history": Method(conversations.history),
    "conversations.info": Method(conversations.info),
    "conversations.join": Method(conversations.joined, ("channels:join",)),
    "conversations.list": Method(conversations.listed),
    "conversations.members": Method(conversations.members),
    "conversations.open": Method(conversations.opened),
    "conversations.replies": Method(conversations.replies),
    "dnd.info": Method(users.dnd_info, ("dnd:read",)),
    "dnd.teamInfo": Method(users.dnd_team_info, ("dnd:read",)),
    "files.completeUploadExternal": Method(files.complete_upload, ("files:write",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, ("files:write",)),
    "files.info": Method(files.info, ("files:read",)),
    "reactions.add": Method(reactions.added, ("reactions:write",)),
    "reactions.get": Method(reactions.got, ("reactions:read",)),
    "reactions.remove": Method(reactions.removed, ("reactions:write",)),
    "team.info": Method(team.info, ("team:read",)),
    "usergroups.list": Method(users.groups, ("usergroups:read",)),
    "usergroups.users.list": Method(users.group_users, ("usergroups:read",)),
    "users.conversations": Method(conversations.of_user),
    "users.getPresence": Method(users.get_presence, ("users:read",)),
    "users.info": Method(users.info, ("users:read",)),
    "users.list": Method(users.listed, ("users:read",)),
    "users.lookupByEmail": Method(users.lookup_by_email, ("users:read.email",)),
    "users.profile.get": Method(users.get_profile, ("users.profile:read",)),
    "views.open": Method(views.opened),
    "views.publish": Method(views.published),
    "views.push": Method(views.pushed),
    "views.update": Method(views.updated),
}
