"""Files: bytes kept in memory, shown in the messages that share them."""

import mimetypes
import time

from bot.emulator.errors import Refused
from bot.emulator.state.workspace import Json, StoredFile, Workspace


def start(workspace: Workspace, name: str, size: int, user: str) -> StoredFile:
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


def fill(workspace: Workspace, file_id: str, content: bytes) -> None:
    stored = get(workspace, file_id)
    stored.content = content
    stored.info["size"] = len(content)


def get(workspace: Workspace, file_id: str) -> StoredFile:
    if file_id not in workspace.files:
        raise Refused("file_not_found")
    return workspace.files[file_id]


def shared(workspace: Workspace, stored: StoredFile, channel_id: str) -> Json:
    """What a message says of the file; the file remembers where it was shared."""
    kind = workspace.channels[channel_id].kind()
    where = {"channel": "channels", "im": "ims"}.get(kind, "groups")
    stored.complete = True
    stored.info[where] = [*stored.info[where], channel_id]
    return dict(stored.info)
