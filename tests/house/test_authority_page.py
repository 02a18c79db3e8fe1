"""The page of who may do what says what the table in rules/people/permissions.py says."""

import re
from pathlib import Path

from rules.people.permissions import OPEN_PERMISSIONS, PERMISSION_MATRIX, Permission, Role

PAGE = (Path(__file__).parents[2] / "docs" / "authority.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \|(.+)\|$", re.MULTILINE)


def shown() -> dict[str, list[bool]]:
    """The marks behind each deed."""
    return {deed: ["✓" in cell for cell in cells.split("|")[2:]] for deed, cells in ROW.findall(PAGE)}


def test_its_columns_are_the_roles_in_their_order() -> None:
    head = next(line for line in PAGE.splitlines() if line.startswith("| Permission |"))

    assert [cell.strip() for cell in head.split("|")[4:-1]] == [str(role) for role in Role]


def test_each_deed_stands_there_with_everybody_who_may() -> None:
    allowed = {
        str(deed): [deed in OPEN_PERMISSIONS or role in PERMISSION_MATRIX[deed] for role in Role] for deed in Permission
    }

    assert shown() == allowed
