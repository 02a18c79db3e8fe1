"""Slack's limits for messages, modals and Homes."""

from bot.emulator.limits.blocks import BLOCK_RULES, check_block
from bot.emulator.limits.elements import check_options
from bot.emulator.limits.findings import Findings, objects_in
from bot.emulator.types import Json

MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MAX_TEXT_CHARS = 40_000
MAX_MARKDOWN_CHARS = 12_000
MAX_METADATA_CHARS = 3000
MAX_MESSAGE_CHARS = 11_000  # of all blocks together; Slack documents no number, and refuses from about 11,300 on
CHARS_PER_BLOCK = 100  # Slack counts something for each block as well
MAX_TITLE_CHARS = 24
MAX_ID_CHARS = 255
MAX_ATTACHMENTS = 100
MODAL_FIELDS = {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close"}
MODAL_FIELDS |= {"notify_on_close", "external_id", "submit_disabled"}
HOME_FIELDS = {"type", "blocks", "private_metadata", "callback_id", "external_id"}


def check_payload(surface: str, payload: object) -> list[str]:
    """Sentences with JSON pointers about everything that Slack would refuse.

    surface is message, modal or home; payload is a list of blocks, or a whole message or view. A whole message must
    have a text as well, for screen readers, notifications and phones.
    """
    if surface not in MAX_BLOCKS:
        raise ValueError(f"surface must be one of {', '.join(MAX_BLOCKS)}; it is {surface!r}.")
    findings = payload_problems(surface, payload)
    if surface == "message" and isinstance(payload, dict) and not payload.get("text"):
        findings.append("must have a text beside its blocks, for screen readers and notifications [json-pointer:/text]")
    return findings


def payload_problems(surface: str, payload: object) -> list[str]:
    """The same, but only as strict as the Web API."""
    findings = Findings()
    if isinstance(payload, list):
        _check_blocks(findings, surface, payload)
    elif not isinstance(payload, dict):
        findings.add("", "must be a list of blocks or an object")
    elif surface == "message":
        _check_message(findings, payload)
    else:
        _check_view(findings, surface, payload)
    return findings.problems


def message_chars(blocks: object) -> int:
    """What the blocks of a posted message count for towards MAX_MESSAGE_CHARS."""
    if isinstance(blocks, list):
        return sum(message_chars(part) for part in blocks)
    if not isinstance(blocks, dict):
        return 0
    text = blocks.get("text")
    own = len(text) if isinstance(text, str) else 0
    per_block = CHARS_PER_BLOCK if blocks.get("type") in BLOCK_RULES else 0
    return own + per_block + sum(message_chars(part) for part in blocks.values())


def suggestion_problems(body: object) -> list[str]:
    findings = Findings()
    if not isinstance(body, dict) or not (isinstance(body.get("options"), list) or body.get("option_groups")):
        findings.add("", "must hold options or option_groups")
        return findings.problems
    if body.get("options") != []:
        check_options(findings, "", body)
    return findings.problems


def is_metadata(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("event_type"), str) and isinstance(value.get("event_payload"), dict)


def _check_message(findings: Findings, message: Json) -> None:
    text = message.get("text")
    if isinstance(text, str) and len(text) > MAX_TEXT_CHARS:
        findings.add("/text", f"must be at most {MAX_TEXT_CHARS} characters, has {len(text)}")
    blocks = message.get("blocks")
    if blocks is not None:
        _check_blocks(findings, "message", blocks)
    attachments = message.get("attachments")
    if attachments is not None:
        findings.checked_items("/attachments", attachments, least=0, most=MAX_ATTACHMENTS, what="attachments")
    metadata = message.get("metadata")
    if metadata is not None and not is_metadata(metadata):
        findings.add("/metadata", "must be an object with an event_type and an event_payload object")
    if not (text or blocks or attachments or message.get("files") or message.get("markdown_text")):
        findings.add("", "must say something: text, blocks or attachments")


def _check_view(findings: Findings, surface: str, view: Json) -> None:
    if view.get("type") != surface:
        findings.add("/type", f"must be {surface!r}, is {view.get('type')!r}")
    findings.check_fields("", view, MODAL_FIELDS if surface == "modal" else HOME_FIELDS)
    if surface == "modal":
        findings.check_text("/title", view.get("title"), most=MAX_TITLE_CHARS, plain=True)
        for name in ("submit", "close"):
            findings.check_optional_text("", view, name, most=MAX_TITLE_CHARS)
    limits = {"private_metadata": MAX_METADATA_CHARS, "callback_id": MAX_ID_CHARS, "external_id": MAX_ID_CHARS}
    findings.check_strings("", view, limits)
    blocks = view.get("blocks")
    _check_blocks(findings, surface, blocks)
    has_input = isinstance(blocks, list) and any(_is_block(block, "input") for block in blocks)
    if surface == "modal" and has_input and not view.get("submit"):
        findings.add("/submit", "must be there, because the form has an input block")


def _check_blocks(findings: Findings, surface: str, blocks: object) -> None:
    if not isinstance(blocks, list):
        findings.add("/blocks", "must be a list of blocks")
        return
    most = MAX_BLOCKS[surface]
    if len(blocks) > most:
        findings.add("/blocks", f"must be at most {most} blocks, has {len(blocks)}")
    if not blocks and surface != "message":
        findings.add("/blocks", "must have at least one block")
    for at, block in enumerate(blocks):
        _check_surface_block(findings, surface, f"/blocks/{at}", block)
    _check_across_blocks(findings, blocks)


def _check_surface_block(findings: Findings, surface: str, pointer: str, block: object) -> None:
    if not isinstance(block, dict):
        findings.add(pointer, f"must be a block object, is {type(block).__name__}")
        return
    kind = str(block.get("type"))
    if kind not in BLOCK_RULES:
        findings.add(f"{pointer}/type", f"unsupported block type {kind!r}; known are {', '.join(sorted(BLOCK_RULES))}")
        return
    if surface not in BLOCK_RULES[kind].surfaces:
        findings.add(f"{pointer}/type", f"block type {kind!r} is not allowed in a {surface}")
    findings.check_string(pointer, block, "block_id", most=MAX_ID_CHARS)
    check_block(findings, pointer, block)


def _check_across_blocks(findings: Findings, blocks: list[object]) -> None:
    ids: set[str] = set()
    for at, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id is not None and str(block_id) in ids:
            findings.add(f"/blocks/{at}/block_id", f"block_id {block_id!r} is used twice")
        ids.add(str(block_id))
    tables = [at for at, block in enumerate(blocks) if _is_block(block, "table")]
    if len(tables) > 1:
        findings.add(f"/blocks/{tables[1]}", "only_one_table_allowed")
    chars = sum(len(str(block.get("text", ""))) for block in objects_in(blocks) if block.get("type") == "markdown")
    if chars > MAX_MARKDOWN_CHARS:
        findings.add("/blocks", f"must be at most {MAX_MARKDOWN_CHARS} characters of markdown together, has {chars}")
    if findings.focused_elements > 1:
        findings.add("/blocks", "only one element may have focus_on_load")


def _is_block(block: object, kind: str) -> bool:
    return isinstance(block, dict) and block.get("type") == kind
