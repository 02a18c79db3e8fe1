"""files.*: the steps of an upload, and a file's details."""

from bot.emulator.errors import SlackError
from bot.emulator.methods.arguments import Arguments
from bot.emulator.methods.chat import app_message, postable_channel
from bot.emulator.state import files, messages
from bot.emulator.state.workspace import Channel, StoredFile, Workspace
from bot.emulator.types import Json

MAX_FILE_BYTES = 1_000_000_000
MAX_ALT_CHARS = 1000


def get_upload_url(workspace: Workspace, arguments: Arguments) -> Json:
    name = arguments.required("filename")
    arguments.required("length")
    size = arguments.number("length", 1, MAX_FILE_BYTES)
    if len(arguments.text("alt_txt")) > MAX_ALT_CHARS:
        raise SlackError("alt_txt_too_large")
    stored = files.create_file(workspace, name, size, workspace.app.bot_user)
    if arguments.text("alt_txt"):
        stored.info["alt_txt"] = arguments.text("alt_txt")
    file_id = stored.info["id"]
    return {"ok": True, "upload_url": f"{workspace.url}/upload/{file_id}", "file_id": file_id}


def complete_upload(workspace: Workspace, arguments: Arguments) -> Json:
    rows = arguments.json_value("files", list) or []
    uploaded = [_uploaded_file(workspace, row) for row in rows if isinstance(row, dict)]
    if not uploaded:
        raise SlackError("invalid_arguments")
    for channel_id in arguments.names("channels") or arguments.names("channel_id"):
        _share_files(workspace, arguments, postable_channel(workspace, channel_id), uploaded)
    for file in uploaded:
        file.complete, file.checks_left = True, workspace.file_checks
    return {"ok": True, "files": [dict(file.info) for file in uploaded]}


def file_info(workspace: Workspace, arguments: Arguments) -> Json:
    return {"ok": True, "file": dict(files.get_file(workspace, arguments.required("file")).info), "comments": []}


def _uploaded_file(workspace: Workspace, row: Json) -> StoredFile:
    stored = files.get_file(workspace, row.get("id", ""))
    if not stored.content:
        raise SlackError("file_not_found")
    stored.info["title"] = row.get("title") or stored.info["name"]
    return stored


def _share_files(workspace: Workspace, arguments: Arguments, channel: Channel, uploaded: list[StoredFile]) -> None:
    workspace.rate_limits.count_post(channel.id)
    shared = [files.share_file(workspace, file, channel.id) for file in uploaded]
    content: Json = {"text": arguments.text("initial_comment"), "files": shared}
    content |= {"subtype": "file_share", "upload": False}
    if arguments.text("thread_ts"):
        content["thread_ts"] = arguments.text("thread_ts")
    messages.post_message(workspace, channel, app_message(workspace, content))
