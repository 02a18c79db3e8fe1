"""The ground holds: imports point one way, what the repository says of itself is true."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PACKAGES = ("rules", "storage", "services", "handlers", "bot")


def modules(*folders: str, suffix: str = ".py") -> Iterator[Path]:
    for folder in folders:
        yield from sorted((TOP / folder).rglob(f"*{suffix}"))


def named(paths: Iterator[Path]) -> list[str]:
    return [str(path.relative_to(TOP)) for path in paths]


def kept_files() -> list[Path]:
    """Every file that is tracked or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True).stdout
    return [TOP / name for name in listed.split("\0") if name and (TOP / name).is_file()]


def test_every_module_opens_with_a_sentence() -> None:
    silent = (path for path in modules(*PACKAGES, "tests") if not ast.get_docstring(ast.parse(path.read_text())))

    assert named(silent) == []


def test_a_package_says_what_it_is_and_holds_nothing_else() -> None:
    inits = (path for path in modules(*PACKAGES, "tests") if path.name == "__init__.py")

    assert named(path for path in inits if len(ast.parse(path.read_text()).body) != 1) == []


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in modules(*PACKAGES, "tests") if "migrations" not in path.parts}

    assert named(folder for folder in sorted(folders) if not (folder / "__init__.py").exists()) == []


def test_every_folder_of_tests_stands_where_its_code_does() -> None:
    folders = {path.parent.relative_to(TOP / "tests") for path in modules(*(f"tests/{name}" for name in PACKAGES))}

    assert [str(folder) for folder in sorted(folders) if not (TOP / folder).is_dir()] == []


def test_imports_point_one_way() -> None:
    lint = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False)

    assert lint.returncode == 0, lint.stdout


def test_the_emulator_knows_nothing_of_the_bot_around_it() -> None:
    graph = grimp.build_graph("bot", cache_dir=None)
    inside = {"bot.emulator", *graph.find_descendants("bot.emulator")}

    reached = {name for module in inside for name in graph.find_modules_directly_imported_by(module)}

    assert reached <= inside


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_imported_is_declared(package: str) -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    owners = packages_distributions()

    foreign = imported(package) - set(sys.stdlib_module_names) - set(PACKAGES)

    assert {name for name in foreign if not declared & {canonicalize_name(it) for it in owners.get(name, ())}} == set()


def imported(package: str) -> set[str]:
    """The first names of everything its modules import."""
    names: set[str] = set()
    for path in modules(package):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names


def test_no_file_names_a_package_registry() -> None:
    """A mirror is each person's own choice, and an address in a file would overrule it."""
    hosts = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
    options = ("index" + "-url", "find" + "-links", "trusted" + "-host")

    telling = [path for path in kept_files() if any(word.encode() in path.read_bytes() for word in (*hosts, *options))]

    assert named(iter(telling)) == []
    assert "uv.lock" not in named(iter(kept_files()))


def test_every_make_command_of_the_readme_exists() -> None:
    told = set(re.findall(r"(?:^|`|&& )make ([a-z]+)", (TOP / "README.md").read_text(), re.MULTILINE))
    known = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(), re.MULTILINE))

    assert told
    assert told <= known


def test_make_alone_lists_every_command_that_explains_itself() -> None:
    explained = re.findall(r"^([a-z]+):.*## ", (TOP / "Makefile").read_text(), re.MULTILINE)

    shown = subprocess.run(["make", "--no-print-directory"], cwd=TOP, capture_output=True, text=True, check=True).stdout

    assert re.findall(r"^make ([a-z]+) ", shown.replace("  make", "make"), re.MULTILINE) == explained


def test_the_license_is_the_whole_apache_license() -> None:
    license_text = (TOP / "LICENSE").read_text()

    assert license_text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in license_text


def test_the_changelog_opens_with_the_version_that_is_here() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]

    assert releases()[0][1] == project["version"]


def test_the_releases_of_the_changelog_are_dated_the_newest_first() -> None:
    days = [date.fromisoformat(day) for day, _ in releases()]

    assert days == sorted(set(days), reverse=True)
    assert len(days) == (TOP / "CHANGELOG.md").read_text().replace("\n## Unreleased\n", "", 1).count("\n## ")


def releases() -> list[tuple[str, str]]:
    """Day and version of each, in the order of the file."""
    return re.findall(r"^## (\d{4}-\d{2}-\d{2}) · (\S+)$", (TOP / "CHANGELOG.md").read_text(), re.MULTILINE)


def slack_hook(hook: str) -> str:
    command: str = json.loads((TOP / ".slack/hooks.json").read_text())["hooks"][hook]
    return command.replace(".venv/bin", str(BIN))


def answer(command: str) -> str:
    """What the Slack CLI reads: it runs a hook in a shell, at the top of the project, with its own arguments behind."""
    shell = ["sh", "-c", f"{command} --source={TOP}"]
    done = subprocess.run(shell, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_slack_cli_finds_its_hooks() -> None:
    offered = json.loads(answer(slack_hook("get-hooks")))["hooks"]

    assert {"start", "get-manifest"} <= offered.keys()


def test_the_slack_cli_reads_the_same_manifest_as_people() -> None:
    assert json.loads(answer(slack_hook("get-manifest"))) == yaml.safe_load((TOP / "manifest.yml").read_text())


def test_the_slack_cli_starts_what_baton_can_run() -> None:
    explained = answer(slack_hook("start").replace("' baton", " --help' baton"))

    assert "baton run" in explained
