"""What the pages of the repository name exists: links, files, and the local workspace's methods."""

import re
from pathlib import Path

import pytest

from bot.emulator.server import Emulator

TOP = Path(__file__).parents[2]
PAGES = [*sorted(TOP.glob("*.md")), *sorted((TOP / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
_FILE = re.compile(r"`((?:rules|storage|services|handlers|bot|tests|docs|tools|bench)/[\w./-]*)")


def name_of(page: Path) -> str:
    return str(page.relative_to(TOP))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page: Path) -> None:
    files = _FILE.findall(page.read_text(encoding="utf-8"))

    assert [file for file in files if not (TOP / file).exists()] == []


def test_the_page_of_the_local_workspace_names_methods_that_it_has() -> None:
    page = (TOP / "docs/local-workspace.md").read_text(encoding="utf-8")
    emulator = Emulator({"people": [{"id": "U0ANA", "name": "ana"}]})
    ana = emulator.person("U0ANA")

    assert [name for name in re.findall(r"\bana\.(\w+)", page) if not hasattr(ana, name)] == []
    assert [name for name in re.findall(r"(?<!bot\.)\bemulator\.(\w+)", page) if not hasattr(emulator, name)] == []
