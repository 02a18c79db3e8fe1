"""The limits of rich text and tables."""

from bot.emulator.limits.findings import Findings
from bot.emulator.types import Json

MAX_ROWS, MAX_CELLS = 100, 20
PART_TYPES = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
CELL_TYPES = {"rich_text", "raw_text", "raw_number"}
REQUIRED_FIELDS = {
    "text": "text",
    "link": "url",
    "emoji": "name",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "broadcast": "range",
    "date": "timestamp",
    "color": "value",
    "team": "team_id",
}


def check_rich_text(findings: Findings, pointer: str, block: Json) -> None:
    for place, part in findings.checked_items(f"{pointer}/elements", block.get("elements"), what="elements"):
        _check_part(findings, place, part)


def _check_part(findings: Findings, pointer: str, value: object) -> None:
    part = findings.object_of_type(pointer, value, PART_TYPES)
    if part is None:
        return
    is_list = part["type"] == "rich_text_list"
    if is_list and part.get("style") not in ("bullet", "ordered"):
        findings.add(f"{pointer}/style", "must be bullet or ordered")
    children = findings.checked_items(f"{pointer}/elements", part.get("elements"), least=0, what="elements")
    for place, child in children:
        (_check_part if is_list else _check_leaf)(findings, place, child)


def _check_leaf(findings: Findings, pointer: str, value: object) -> None:
    leaf = findings.object_of_type(pointer, value, REQUIRED_FIELDS)
    if leaf is None:
        return
    required = REQUIRED_FIELDS[leaf["type"]]
    if required not in leaf:
        findings.add(f"{pointer}/{required}", "must be there")
    elif leaf["type"] == "text" and not leaf["text"]:
        findings.add(f"{pointer}/text", "must not be empty")


def check_table(findings: Findings, pointer: str, block: Json) -> None:
    rows = findings.checked_items(f"{pointer}/rows", block.get("rows"), most=MAX_ROWS, what="rows")
    for row_place, row in rows:
        for place, cell in findings.checked_items(row_place, row, most=MAX_CELLS, what="cells"):
            _check_cell(findings, place, cell)
    settings = block.get("column_settings")
    if settings is not None:
        findings.checked_items(f"{pointer}/column_settings", settings, least=0, most=MAX_CELLS, what="columns")


def _check_cell(findings: Findings, pointer: str, value: object) -> None:
    cell = findings.object_of_type(pointer, value, CELL_TYPES)
    if cell is None:
        return
    if cell["type"] == "rich_text":
        check_rich_text(findings, pointer, cell)
    elif cell["type"] == "raw_text" and not cell.get("text"):
        findings.add(f"{pointer}/text", "must not be empty")
