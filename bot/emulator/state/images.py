"""Pictures in blocks: files that are shown where they stand, to whoever sees that message or view."""

import re
from collections.abc import Iterable, Iterator

from bot.emulator.errors import AskedFor, Refused
from bot.emulator.state import files
from bot.emulator.state.workspace import Channel, Json, StoredFile, Workspace

KINDS = {"image/png", "image/jpeg", "image/gif"}
ADDRESS = re.compile(r"/files/(F[A-Z0-9]+)/")


def check(workspace: Workspace, drawn: object, error: str, place: str = "/blocks") -> None:
    """Every Slack file in the blocks must be a picture whose upload is complete; a fresh one may not be ready yet."""
    for pointer, named in _pictures(drawn, place):
        stored = _stored(workspace, named)
        if stored is None or not stored.complete or stored.info["mimetype"] not in KINDS:
            raise Refused(error, **_invalid(pointer))
        if stored.unready:
            stored.unready -= 1
            raise AskedFor(error, **_invalid(pointer))


def opened(workspace: Workspace, user: str, file_id: str) -> bytes:
    """The file: for its owner, where it was shared, where it stands as a picture; for all others it is not there."""
    stored = files.get(workspace, file_id)
    if stored.info["user"] != user and not _seen(workspace, user, file_id):
        raise Refused("file_not_found")
    return stored.content


def _seen(workspace: Workspace, user: str, file_id: str) -> bool:
    channels = list(workspace.seen_by(user))
    shared = {channel for where in ("channels", "groups", "ims") for channel in _info(workspace, file_id)[where]}
    if any(channel.id in shared for channel in channels):
        return True
    return any(file_id in _ids(workspace, blocks) for blocks in _shown(workspace, user, channels))


def _info(workspace: Workspace, file_id: str) -> Json:
    return workspace.files[file_id].info


def _shown(workspace: Workspace, user: str, channels: Iterable[Channel]) -> Iterator[object]:
    """The blocks of everything that this person has before their eyes."""
    for channel in channels:
        yield from (message.get("blocks") for message in channel.messages.values())
        yield from (message.get("blocks") for message in channel.ephemerals.get(user, {}).values())
    yield from (view["blocks"] for view in workspace.modals.get(user, []))
    yield workspace.homes.get(user, {}).get("blocks")


def _ids(workspace: Workspace, drawn: object) -> set[str]:
    found = (_stored(workspace, named) for _, named in _pictures(drawn, ""))
    return {stored.info["id"] for stored in found if stored is not None}


def _stored(workspace: Workspace, named: Json) -> StoredFile | None:
    in_address = ADDRESS.search(str(named.get("url")))
    return workspace.files.get(in_address[1] if in_address else str(named.get("id")))


def _pictures(part: object, place: str) -> Iterator[tuple[str, Json]]:
    """Every Slack file in there, with its pointer: in image blocks, beside a section, within a context."""
    if isinstance(part, list):
        for at, one in enumerate(part):
            yield from _pictures(one, f"{place}/{at}")
    elif isinstance(part, dict):
        if part.get("type") == "image" and isinstance(part.get("slack_file"), dict):
            yield f"{place}/slack_file", part["slack_file"]
        for name in ("elements", "accessory"):
            yield from _pictures(part.get(name), f"{place}/{name}")


def _invalid(pointer: str) -> Json:
    words = f"invalid slack file [json-pointer:{pointer}]"
    return {"errors": [words], "response_metadata": {"messages": [f"[ERROR] {words}"]}}
