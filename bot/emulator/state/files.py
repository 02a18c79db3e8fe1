"""Files: bytes kept in memory, shown in the messages that share them."""

import mimetypes
import time

from bot.emulator.errors import SlackError
from bot.emulator.state.workspace import StoredFile, Workspace
from bot.emulator.types import Json


def create_file(workspace: Workspace, name: str, size: int, user: str) -> StoredFile:
    file_id = workspace.new_id("F")
    extension = name.rpartition(".")[2] if "." in name else "text"
    link = f"{workspace.url}/files/{file_id}/{name}"
    info = {
        "id": file_id,
        "created": int(time.time()),
        "timestamp": int(time.time()),
        "name": name,
        "title": name,
        "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "filetype": extension,
        "pretty_type": extension.upper(),
        "user": user,
        "size": size,
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "url_private": link,
        "url_private_download": link + "?download=1",
        "permalink": link,
        "channels": [],
        "groups": [],
        "ims": [],
    }
    stored = workspace.files[file_id] = StoredFile(info)
    return stored


def store_content(workspace: Workspace, file_id: str, content: bytes) -> None:
    stored = get_file(workspace, file_id)
    stored.content = content
    stored.info["size"] = len(content)


def get_file(workspace: Workspace, file_id: str) -> StoredFile:
    if file_id not in workspace.files:
        raise SlackError("file_not_found")
    return workspace.files[file_id]


def share_file(workspace: Workspace, stored: StoredFile, channel_id: str) -> Json:
    """The file object for the message that shares it."""
    kind = workspace.channels[channel_id].kind()
    field = {"channel": "channels", "im": "ims"}.get(kind, "groups")
    stored.complete = True
    stored.info[field] = [*stored.info[field], channel_id]
    return dict(stored.info)
