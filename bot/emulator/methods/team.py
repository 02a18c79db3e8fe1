"""auth.test, api.test, team.info, bots.info: who the app is, and where."""

from bot.emulator.errors import Refused
from bot.emulator.state.api_call import Asked
from bot.emulator.state.workspace import Json, Workspace


def auth_test(workspace: Workspace, _asked: Asked) -> Json:
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
    }


def api_test(_workspace: Workspace, asked: Asked) -> Json:
    if asked.text("error"):
        raise Refused(asked.text("error"), args=asked.values)
    return {"ok": True, "args": asked.values}


def info(workspace: Workspace, _asked: Asked) -> Json:
    return {"ok": True, "team": {"icon": {"image_default": True}, "email_domain": "", **workspace.team}}


def bot_info(workspace: Workspace, asked: Asked) -> Json:
    app = workspace.app
    if asked.text("bot", app.bot_id) != app.bot_id:
        raise Refused("bot_not_found")
    bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.bot_user}
    return {"ok": True, "bot": bot | {"updated": 0, "icons": {}}}
