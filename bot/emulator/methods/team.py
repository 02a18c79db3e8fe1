"""auth.test, api.test, team.info, bots.info: the app and its team."""

from bot.emulator.errors import SlackError
from bot.emulator.methods.arguments import Arguments
from bot.emulator.state.workspace import Workspace
from bot.emulator.types import Json


def auth_test(workspace: Workspace, _arguments: Arguments) -> Json:
    app, team = workspace.app, workspace.team
    return {
        "ok": True,
        "url": workspace.url + "/",
        "team": team["name"],
        "user": workspace.users[app.bot_user].name,
        "team_id": team["id"],
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    } | ({"enterprise_id": team["enterprise_id"]} if "enterprise_id" in team else {})


def api_test(_workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.text("error"):
        raise SlackError(arguments.text("error"), args=arguments.values)
    return {"ok": True, "args": arguments.values}


def team_info(workspace: Workspace, _arguments: Arguments) -> Json:
    return {"ok": True, "team": {"icon": {"image_default": True}, "email_domain": "", **workspace.team}}


def bot_info(workspace: Workspace, arguments: Arguments) -> Json:
    app = workspace.app
    if arguments.text("bot", app.bot_id) != app.bot_id:
        raise SlackError("bot_not_found")
    bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.bot_user}
    return {"ok": True, "bot": bot | {"updated": 0, "icons": {}}}
