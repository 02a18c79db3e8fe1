"""Slack's limits for messages, modals and Homes: what Slack would refuse, said before it does."""

from bot.emulator.limits.blocks import BLOCKS, check_block
from bot.emulator.limits.elements import check_options
from bot.emulator.limits.findings import Found, Json

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
TEXT = 40_000
MARKDOWN = 12_000
METADATA = 3000
TITLE = 24
ID = 255
ATTACHMENTS = 100
MODAL = {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close"}
MODAL |= {"notify_on_close", "external_id", "submit_disabled"}
HOME = {"type", "blocks", "private_metadata", "callback_id", "external_id"}


def check_payload(surface: str, payload: object) -> list[str]:
    """Sentences with JSON pointers, none when Slack would take it.

    surface is message, modal or home; payload is the list of blocks or the whole message or view. A whole message is
    also asked for its text, which screen readers, notifications and phones read.
    """
    if surface not in MOST_BLOCKS:
        raise ValueError(f"surface must be one of {', '.join(MOST_BLOCKS)}; it is {surface!r}.")
    found = problems(surface, payload)
    if surface == "message" and isinstance(payload, dict) and not payload.get("text"):
        found.append("must have a text beside its blocks, for screen readers and notifications [json-pointer:/text]")
    return found


def problems(surface: str, payload: object) -> list[str]:
    """The same, only as strict as the Web API is."""
    found = Found()
    if isinstance(payload, list):
        _check_blocks(found, surface, payload)
    elif not isinstance(payload, dict):
        found.say("", "must be a list of blocks or an object")
    elif surface == "message":
        _check_message(found, payload)
    else:
        _check_view(found, surface, payload)
    return found.words


def suggestion_problems(body: object) -> list[str]:
    """What is wrong with an app's answer to an external select."""
    found = Found()
    if not isinstance(body, dict) or not (isinstance(body.get("options"), list) or body.get("option_groups")):
        found.say("", "must hold options or option_groups")
        return found.words
    if body.get("options") != []:
        check_options(found, "", body, most=100)
    return found.words


def _check_message(found: Found, message: Json) -> None:
    text = message.get("text")
    if isinstance(text, str) and len(text) > TEXT:
        found.say("/text", f"must be at most {TEXT} characters, has {len(text)}")
    blocks = message.get("blocks")
    if blocks is not None:
        _check_blocks(found, "message", blocks)
    attachments = message.get("attachments")
    if attachments is not None:
        found.count("/attachments", attachments, least=0, most=ATTACHMENTS, what="attachments")
    metadata = message.get("metadata")
    if metadata is not None and not _is_metadata(metadata):
        found.say("/metadata", "must be an object with an event_type and an event_payload object")
    if not (text or blocks or attachments or message.get("files") or message.get("markdown_text")):
        found.say("", "must say something: text, blocks or attachments")


def _is_metadata(metadata: object) -> bool:
    if not isinstance(metadata, dict):
        return False
    return isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)


def _check_view(found: Found, surface: str, view: Json) -> None:
    if view.get("type") != surface:
        found.say("/type", f"must be {surface!r}, is {view.get('type')!r}")
    found.only("", view, MODAL if surface == "modal" else HOME)
    if surface == "modal":
        found.text("/title", view.get("title"), most=TITLE, plain=True)
        for name in ("submit", "close"):
            if view.get(name) is not None:
                found.text(f"/{name}", view[name], most=TITLE, plain=True)
    found.string(view, "", "private_metadata", most=METADATA)
    found.string(view, "", "callback_id", most=ID)
    found.string(view, "", "external_id", most=ID)
    blocks = view.get("blocks")
    _check_blocks(found, surface, blocks)
    has_input = isinstance(blocks, list) and any(_is(block, "input") for block in blocks)
    if surface == "modal" and has_input and not view.get("submit"):
        found.say("/submit", "must be there, because the form has an input block")


def _check_blocks(found: Found, surface: str, blocks: object) -> None:
    if not isinstance(blocks, list):
        found.say("/blocks", "must be a list of blocks")
        return
    most = MOST_BLOCKS[surface]
    if len(blocks) > most:
        found.say("/blocks", f"must be at most {most} blocks, has {len(blocks)}")
    if not blocks and surface != "message":
        found.say("/blocks", "must have at least one block")
    for at, block in enumerate(blocks):
        _check_one(found, surface, f"/blocks/{at}", block)
    _check_together(found, blocks)


def _check_one(found: Found, surface: str, pointer: str, block: object) -> None:
    if not isinstance(block, dict):
        found.say(pointer, f"must be a block object, is {type(block).__name__}")
        return
    kind = str(block.get("type"))
    if kind not in BLOCKS:
        found.say(f"{pointer}/type", f"unsupported block type {kind!r}; known are {', '.join(sorted(BLOCKS))}")
        return
    if surface not in BLOCKS[kind].surfaces:
        found.say(f"{pointer}/type", f"block type {kind!r} is not allowed in a {surface}")
    found.string(block, pointer, "block_id", most=ID)
    check_block(found, pointer, block)


def _check_together(found: Found, blocks: list[object]) -> None:
    """What only shows when all blocks are seen: repeated ids, one table, the sum of all markdown, one focus."""
    ids: set[str] = set()
    for at, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id is not None and str(block_id) in ids:
            found.say(f"/blocks/{at}/block_id", f"block_id {block_id!r} is used twice")
        ids.add(str(block_id))
    tables = [at for at, block in enumerate(blocks) if _is(block, "table")]
    if len(tables) > 1:
        found.say(f"/blocks/{tables[1]}", "only_one_table_allowed")
    written = sum(
        len(str(block.get("text", ""))) for block in blocks if isinstance(block, dict) and _is(block, "markdown")
    )
    if written > MARKDOWN:
        found.say("/blocks", f"must be at most {MARKDOWN} characters of markdown together, has {written}")
    if found.focused > 1:
        found.say("/blocks", "only one element may have focus_on_load")


def _is(block: object, kind: str) -> bool:
    return isinstance(block, dict) and block.get("type") == kind
