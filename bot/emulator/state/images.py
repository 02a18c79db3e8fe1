"""Pictures in blocks: files of the workspace that are visible to everybody who sees the message or view."""

import re
from collections.abc import Iterable, Iterator

from bot.emulator.errors import InjectedError, SlackError
from bot.emulator.state import files
from bot.emulator.state.workspace import Channel, StoredFile, Workspace
from bot.emulator.types import Json

IMAGE_TYPES = {"image/png", "image/jpeg", "image/gif"}
FILE_URL = re.compile(r"/files/(F[A-Z0-9]+)/")


def check_slack_files(
    workspace: Workspace, blocks: object, error: str, pointer: str = "/blocks", *, only_shared: bool = False
) -> None:
    """Every Slack file in the blocks must be a picture whose upload is complete; a fresh one may not be ready yet.

    With `only_shared` it must be shared with a conversation: https://github.com/slackapi/java-slack-sdk/issues/1349.
    """
    for file_pointer, reference in _pictures(blocks, pointer):
        stored = _referenced_file(workspace, reference)
        problem = f"invalid slack file [json-pointer:{file_pointer}]"
        if stored is None or not stored.complete or stored.info["mimetype"] not in IMAGE_TYPES:
            raise SlackError(error, problems=[problem], errors=[problem])
        if only_shared and not _conversations(stored.info):
            raise SlackError(error, problems=[problem], errors=[problem])
        if stored.checks_left:
            stored.checks_left -= 1
            raise InjectedError(error, problems=[problem], errors=[problem])


def open_file(workspace: Workspace, user: str, file_id: str) -> bytes:
    """For its owner, for those with whom it was shared, and for those who see it as a picture; else file_not_found."""
    stored = files.get_file(workspace, file_id)
    if stored.info["user"] != user and not _is_visible(workspace, user, stored.info):
        raise SlackError("file_not_found")
    return stored.content


def _is_visible(workspace: Workspace, user: str, info: Json) -> bool:
    channels = workspace.channels_visible_to(user)
    shared = _conversations(info)
    if any(channel.id in shared for channel in channels):
        return True
    return any(info["id"] in _picture_ids(workspace, blocks) for blocks in _visible_blocks(workspace, user, channels))


def _conversations(info: Json) -> set[str]:
    return {*info["channels"], *info["groups"], *info["ims"]}


def _visible_blocks(workspace: Workspace, user: str, channels: Iterable[Channel]) -> Iterator[object]:
    for channel in channels:
        yield from (message.get("blocks") for message in channel.messages.values())
        yield from (message.get("blocks") for message in channel.ephemerals.get(user, {}).values())
    yield from (view["blocks"] for view in workspace.modals.get(user, []))
    yield workspace.homes.get(user, {}).get("blocks")


def _picture_ids(workspace: Workspace, blocks: object) -> set[str]:
    pictures = (_referenced_file(workspace, reference) for _, reference in _pictures(blocks, ""))
    return {stored.info["id"] for stored in pictures if stored is not None}


def _referenced_file(workspace: Workspace, reference: Json) -> StoredFile | None:
    """The file that a slack_file object names by its url or its id."""
    url = FILE_URL.search(str(reference.get("url")))
    return workspace.files.get(url[1] if url else str(reference.get("id")))


def _pictures(part: object, pointer: str) -> Iterator[tuple[str, Json]]:
    """Every slack_file with its JSON pointer: in image blocks, beside a section, within a context."""
    if isinstance(part, list):
        for at, item in enumerate(part):
            yield from _pictures(item, f"{pointer}/{at}")
    elif isinstance(part, dict):
        if part.get("type") == "image" and isinstance(part.get("slack_file"), dict):
            yield f"{pointer}/slack_file", part["slack_file"]
        for name in ("elements", "accessory"):
            yield from _pictures(part.get(name), f"{pointer}/{name}")
