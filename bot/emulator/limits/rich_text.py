"""The limits of rich text and tables."""

from bot.emulator.limits.findings import Found, Json, kind_of

ROWS, CELLS = 100, 20
ANY_NUMBER = 100_000
PARTS = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
LEAVES = {"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date", "color", "team"}
CELL_KINDS = {"rich_text", "raw_text", "raw_number"}
NEEDS = {
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


def check_rich_text(found: Found, pointer: str, block: Json) -> None:
    parts = found.count(f"{pointer}/elements", block.get("elements"), least=1, most=ANY_NUMBER, what="elements")
    for at, part in enumerate(parts):
        _check_part(found, f"{pointer}/elements/{at}", part)


def _check_part(found: Found, pointer: str, part: object) -> None:
    kind = kind_of(part)
    if not isinstance(part, dict) or kind not in PARTS:
        found.say(f"{pointer}/type", f"must be one of {', '.join(sorted(PARTS))}, is {kind!r}")
        return
    inner = found.count(f"{pointer}/elements", part.get("elements"), least=0, most=ANY_NUMBER, what="elements")
    if kind == "rich_text_list":
        if part.get("style") not in ("bullet", "ordered"):
            found.say(f"{pointer}/style", "must be bullet or ordered")
        for at, line in enumerate(inner):
            _check_part(found, f"{pointer}/elements/{at}", line)
        return
    for at, leaf in enumerate(inner):
        _check_leaf(found, f"{pointer}/elements/{at}", leaf)


def _check_leaf(found: Found, pointer: str, leaf: object) -> None:
    kind = kind_of(leaf)
    if not isinstance(leaf, dict) or kind not in LEAVES:
        found.say(f"{pointer}/type", f"must be one of {', '.join(sorted(LEAVES))}, is {kind!r}")
        return
    needed = NEEDS[kind]
    if needed not in leaf:
        found.say(f"{pointer}/{needed}", "must be there")
    elif kind == "text" and not leaf["text"]:
        found.say(f"{pointer}/text", "must not be empty")


def check_table(found: Found, pointer: str, block: Json) -> None:
    rows = found.count(f"{pointer}/rows", block.get("rows"), least=1, most=ROWS, what="rows")
    for at, row in enumerate(rows):
        place = f"{pointer}/rows/{at}"
        for cell_at, cell in enumerate(found.count(place, row, least=1, most=CELLS, what="cells")):
            _check_cell(found, f"{place}/{cell_at}", cell)
    if block.get("column_settings") is not None:
        found.count(f"{pointer}/column_settings", block["column_settings"], least=0, most=CELLS, what="columns")


def _check_cell(found: Found, pointer: str, cell: object) -> None:
    kind = kind_of(cell)
    if not isinstance(cell, dict) or kind not in CELL_KINDS:
        found.say(f"{pointer}/type", f"must be one of {', '.join(sorted(CELL_KINDS))}, is {kind!r}")
    elif kind == "rich_text":
        check_rich_text(found, pointer, cell)
    elif kind == "raw_text" and not cell.get("text"):
        found.say(f"{pointer}/text", "must not be empty")
