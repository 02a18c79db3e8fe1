"""What the pages of the repository name exists: links, files, functions, and the local workspace's methods."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.emulator.server import Emulator
from services.desk import Desk
from storage.database import Database

TOP = Path(__file__).parents[2]
PAGES = [*sorted(TOP.glob("*.md")), *sorted((TOP / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
_FILE = re.compile(r"`((?:rules|storage|services|handlers|bot|tests|docs|tools|bench)/[\w./-]*)")
LAYERS = ("rules", "storage", "services", "handlers", "bot")
CODE_PAGES = [
    TOP / "docs/architecture.md",
    TOP / "CONTRIBUTING.md",
    TOP / "docs/decisions/0015-router-and-registries.md",
]
_NAMES_IN_FILE = re.compile(r"`([\w/]+\.py)`: (`[\w.]+`(?:, `[\w.]+`)*)")
_QUALIFIED = re.compile(r"`(\w+)\.(?!(?:py|md|yml|toml|css)\b)(\w+)(?:\(.*?\))*`")


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


@pytest.mark.parametrize("page", CODE_PAGES, ids=name_of)
def test_every_function_that_is_named_with_its_file_is_there(page: Path) -> None:
    named = [
        (file, name)
        for file, names in _NAMES_IN_FILE.findall(page.read_text(encoding="utf-8"))
        for name in re.findall(r"[\w.]+", names)
    ]

    assert [(file, name) for file, name in named if name not in names_defined_in(TOP / file)] == []


@pytest.mark.parametrize("page", CODE_PAGES, ids=name_of)
def test_every_qualified_name_is_one_of_a_module_or_a_class(page: Path) -> None:
    """`notifications.refresh_cards`, `Desk.execute`, `desk.execute`; a registration is `on.action`."""
    owners = {"on": "Registry", "desk": "Desk"}
    named = _QUALIFIED.findall(page.read_text(encoding="utf-8"))
    known = qualified_names()

    assert [f"{one}.{name}" for one, name in named if f"{owners.get(one, one)}.{name}" not in known] == []


def test_every_recipe_can_be_parsed_and_registers_with_a_verb_that_exists() -> None:
    recipes = re.findall(r"```python\n(.*?)```", (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    verbs = {verb for recipe in recipes for verb in re.findall(r"\bon\.(\w+)", recipe)}

    assert [ast.parse(recipe) for recipe in recipes]
    assert {f"Registry.{verb}" for verb in verbs} <= qualified_names()


def test_every_module_and_folder_has_its_place_on_the_page_of_the_architecture() -> None:
    page = (TOP / "docs/architecture.md").read_text(encoding="utf-8")
    tree = page.partition("## The tree")[2]
    missing = [
        str(place.relative_to(TOP))
        for layer in LAYERS
        for place in sorted((TOP / layer).iterdir())
        if not place.name.startswith("__") and not is_named(place, page, tree)
    ]

    assert missing == []


def is_named(place: Path, page: str, tree: str) -> bool:
    """By its path, or in the tree, whose lines begin with the layer."""
    name = f"{place.name}/" if place.is_dir() else place.name
    lines = re.split(r"\n    (?=\w)", tree.partition(f"\n    {place.parent.name}/")[2])[0]
    return f"`{place.parent.name}/{name}`" in page or bool(re.search(rf"(?<![\w/]){re.escape(name)}", lines))


@cache
def names_defined_in(file: Path) -> frozenset[str]:
    """Functions, classes and constants of a module, and `Class.member`."""
    return frozenset(_names(ast.parse(file.read_text(encoding="utf-8")).body))


def _names(body: list[ast.stmt], owner: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield owner + node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield owner + node.target.id
        elif isinstance(node, ast.Assign):
            yield from (owner + target.id for target in node.targets if isinstance(target, ast.Name))
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{node.name}.")


@cache
def qualified_names() -> frozenset[str]:
    """`module.name` and `Class.member` of the five packages; a Registry is a Router as well."""
    known = set()
    for path in (path for layer in LAYERS for path in (TOP / layer).rglob("*.py")):
        defined = names_defined_in(path)
        known |= {name if "." in name else f"{path.stem}.{name}" for name in defined}
    known |= {f"Desk.{name}" for name in vars(Desk(Database("sqlite+aiosqlite://"), workspace="T0"))}
    return frozenset(known | {name.replace("Router.", "Registry.") for name in known if name.startswith("Router.")})


def test_the_page_of_the_local_workspace_names_methods_that_it_has() -> None:
    page = (TOP / "docs/local-workspace.md").read_text(encoding="utf-8")
    emulator = Emulator({"people": [{"id": "U0ANA", "name": "ana"}]})
    ana = emulator.person("U0ANA")

    assert [name for name in re.findall(r"\bana\.(\w+)", page) if not hasattr(ana, name)] == []
    assert [name for name in re.findall(r"(?<!bot\.)\bemulator\.(\w+)", page) if not hasattr(emulator, name)] == []
