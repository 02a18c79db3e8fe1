"""Every method of the Web API that the workspace answers, with the scopes it requires."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.emulator.methods import chat, conversations, files, reactions, team, users, views
from bot.emulator.methods.arguments import Arguments
from bot.emulator.state.workspace import Workspace
from bot.emulator.types import Json


@dataclass(frozen=True)
class Method:
    """scopes: all are required. Methods whose scopes depend on the channel (conversations.*) check them themselves."""

    run: Callable[[Workspace, Arguments], Json]
    scopes: tuple[str, ...] = ()
    open_to_all: bool = False


METHODS: dict[str, Method] = {
    "api.test": Method(team.api_test, open_to_all=True),
    "auth.test": Method(team.auth_test),
    "blocks.validate": Method(views.validate_blocks),
    "bots.info": Method(team.bot_info, ("users:read",)),
    "chat.delete": Method(chat.delete_message, ("chat:write",)),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(chat.post_message, ("chat:write",)),
    "chat.update": Method(chat.update_message, ("chat:write",)),
    "conversations.history": Method(conversations.conversation_history),
    "conversations.info": Method(conversations.conversation_info),
    "conversations.join": Method(conversations.join_conversation, ("channels:join",)),
    "conversations.list": Method(conversations.list_conversations),
    "conversations.members": Method(conversations.conversation_members),
    "conversations.open": Method(conversations.open_conversation),
    "conversations.replies": Method(conversations.conversation_replies),
    "dnd.info": Method(users.dnd_info, ("dnd:read",)),
    "dnd.teamInfo": Method(users.dnd_team_info, ("dnd:read",)),
    "files.completeUploadExternal": Method(files.complete_upload, ("files:write",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, ("files:write",)),
    "files.info": Method(files.file_info, ("files:read",)),
    "reactions.add": Method(reactions.add_reaction, ("reactions:write",)),
    "reactions.get": Method(reactions.get_reactions, ("reactions:read",)),
    "reactions.remove": Method(reactions.remove_reaction, ("reactions:write",)),
    "team.info": Method(team.team_info, ("team:read",)),
    "usergroups.list": Method(users.list_user_groups, ("usergroups:read",)),
    "usergroups.users.list": Method(users.list_group_users, ("usergroups:read",)),
    "users.conversations": Method(conversations.list_user_conversations),
    "users.getPresence": Method(users.get_presence, ("users:read",)),
    "users.info": Method(users.user_info, ("users:read",)),
    "users.list": Method(users.list_users, ("users:read",)),
    "users.lookupByEmail": Method(users.lookup_by_email, ("users:read.email",)),
    "users.profile.get": Method(users.get_profile, ("users.profile:read",)),
    "views.open": Method(views.open_view),
    "views.publish": Method(views.publish_view),
    "views.push": Method(views.push_view),
    "views.update": Method(views.update_view),
}
