"""Text as people type it, turned into what Slack stores: escaped, with names and links resolved."""

import re

from bot.emulator.state.blocks import rich_text
from bot.emulator.state.workspace import Json, Workspace

TOKEN = re.compile(r"(?P<link>https?://[^\s<>]+)|(?<!\w)@(?P<who>[\w.\-]*\w)|(?<!\w)#(?P<where>[\w\-]+)")
EVERYONE = {"here", "channel", "everyone"}


def typed(workspace: Workspace, text: str) -> tuple[str, list[Json]]:
    """The stored text and the rich text of the same message."""
    stored: list[str] = []
    elements: list[Json] = []
    end = 0
    for match in TOKEN.finditer(text):
        written, element = _resolved(workspace, match)
        if element is None:
            continue
        _plain(text[end : match.start()], stored, elements)
        stored.append(written)
        elements.append(element)
        end = match.end()
    _plain(text[end:], stored, elements)
    return "".join(stored), [rich_text(elements)]


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def command_text(workspace: Workspace, text: str, should_escape: bool) -> str:
    """A command's text: names become ids only where the manifest asked for it."""
    if not should_escape:
        return escape(text)
    pieces, end = [], 0
    for match in TOKEN.finditer(text):
        written, element = _resolved(workspace, match)
        if match["where"] and element is not None:
            written = f"<#{element['channel_id']}|{match['where'].lower()}>"
        pieces += [escape(text[end : match.start()]), written or escape(match[0])]
        end = match.end()
    return "".join(pieces) + escape(text[end:])


def _plain(text: str, stored: list[str], elements: list[Json]) -> None:
    if text:
        stored.append(escape(text))
        elements.append({"type": "text", "text": text})


def _resolved(workspace: Workspace, match: re.Match[str]) -> tuple[str, Json | None]:
    if match["link"]:
        return f"<{escape(match['link'])}>", {"type": "link", "url": match["link"]}
    if match["where"]:
        channel = workspace.channel_named(match["where"].lower())
        return (f"<#{channel.id}|>", {"type": "channel", "channel_id": channel.id}) if channel else ("", None)
    name = match["who"].lower()
    if name in EVERYONE:
        return f"<!{name}>", {"type": "broadcast", "range": name}
    user = workspace.names.get(name)
    return (f"<@{user}>", {"type": "user", "user_id": user}) if user else ("", None)
