"""files.*: the three steps of an upload, and what is known of a file."""

from bot.emulator.errors import Refused
from bot.emulator.methods.chat import signed, writable
from bot.emulator.state import files, messages
from bot.emulator.state.api_call import Asked
from bot.emulator.state.workspace import Json, StoredFile, Workspace

LARGEST = 1_000_000_000
ALT = 1000


def get_upload_url(workspace: Workspace, asked: Asked) -> Json:
    name = asked.need("filename")
    asked.need("length")
    size = asked.number("length", 1, LARGEST)
    if len(asked.text("alt_txt")) > ALT:
        raise Refused("alt_txt_too_large")
    stored = files.start(workspace, name, size, workspace.app.bot_user)
    if asked.text("alt_txt"):
        stored.info["alt_txt"] = asked.text("alt_txt")
    file_id = stored.info["id"]
    return {"ok": True, "upload_url": f"{workspace.url}/upload/{file_id}", "file_id": file_id}


def complete_upload(workspace: Workspace, asked: Asked) -> Json:
    rows = asked.parsed("files", list) or []
    stored = [_titled(workspace, row) for row in rows if isinstance(row, dict)]
    if not stored:
        raise Refused("invalid_arguments")
    for channel_id in asked.names("channels") or asked.names("channel_id"):
        _share(workspace, asked, writable(workspace, channel_id).id, stored)
    for one in stored:
        one.complete, one.unready = True, workspace.slow_files
    return {"ok": True, "files": [dict(one.info) for one in stored]}


def info(workspace: Workspace, asked: Asked) -> Json:
    return {"ok": True, "file": dict(files.get(workspace, asked.need("file")).info), "comments": []}


def _titled(workspace: Workspace, row: Json) -> StoredFile:
    stored = files.get(workspace, row.get("id", ""))
    if not stored.content:
        raise Refused("file_not_found")
    stored.info["title"] = row.get("title") or stored.info["name"]
    return stored


def _share(workspace: Workspace, asked: Asked, channel_id: str, stored: list[StoredFile]) -> None:
    workspace.rates.spend(channel_id)
    shared = [files.shared(workspace, one, channel_id) for one in stored]
    content: Json = {"text": asked.text("initial_comment"), "files": shared, "subtype": "file_share", "upload": False}
    if asked.text("thread_ts"):
        content["thread_ts"] = asked.text("thread_ts")
    messages.post(workspace, workspace.channels[channel_id], signed(workspace, content))
