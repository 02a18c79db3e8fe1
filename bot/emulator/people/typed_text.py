"""Text as people type it becomes text as Slack stores it: escaped, with references to people, channels and links."""

import re
from collections.abc import Iterator

from bot.emulator.state.blocks import rich_text_block
from bot.emulator.state.workspace import Workspace
from bot.emulator.types import Json

TOKEN = re.compile(r"(?P<link>https?://[^\s<>]+)|(?<!\w)@(?P<who>[\w.\-]*\w)|(?<!\w)#(?P<where>[\w\-]+)")
EVERYONE = {"here", "channel", "everyone"}


def stored_text(workspace: Workspace, text: str) -> tuple[str, list[Json]]:
    """The text of the message, and its rich text blocks."""
    stored: list[str] = []
    elements: list[Json] = []
    for plain, element in _split_at_references(workspace, text):
        if plain:
            stored.append(escape_text(plain))
            elements.append({"type": "text", "text": plain})
        if element:
            stored.append(_reference(element))
            elements.append(element)
    return "".join(stored), [rich_text_block(elements)]


def command_text(workspace: Workspace, text: str, should_escape: bool) -> str:
    """should_escape: the manifest wants ids in place of names."""
    if not should_escape:
        return escape_text(text)
    parts = []
    for plain, element in _split_at_references(workspace, text):
        parts.append(escape_text(plain))
        if element:
            channel = workspace.channels.get(element.get("channel_id", ""))
            parts.append(_reference(element, channel.name if channel else ""))
    return "".join(parts)


def escape_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _split_at_references(workspace: Workspace, text: str) -> Iterator[tuple[str, Json | None]]:
    """Each piece of plain text with the rich text element of the reference after it; the last one has none."""
    end = 0
    for match in TOKEN.finditer(text):
        element = _referenced_element(workspace, match)
        if element is not None:
            yield text[end : match.start()], element
            end = match.end()
    yield text[end:], None


def _referenced_element(workspace: Workspace, match: re.Match[str]) -> Json | None:
    """None for a name that nothing in the workspace has: it stays plain text."""
    if match["link"]:
        return {"type": "link", "url": match["link"]}
    if match["where"]:
        channel = workspace.channel_named(match["where"].lower())
        return {"type": "channel", "channel_id": channel.id} if channel else None
    name = match["who"].lower()
    if name in EVERYONE:
        return {"type": "broadcast", "range": name}
    user = workspace.user_ids_by_name.get(name)
    return {"type": "user", "user_id": user} if user else None


def _reference(element: Json, channel_name: str = "") -> str:
    match element["type"]:
        case "link":
            return f"<{escape_text(element['url'])}>"
        case "channel":
            return f"<#{element['channel_id']}|{channel_name}>"
        case "broadcast":
            return f"<!{element['range']}>"
        case _:
            return f"<@{element['user_id']}>"
