"""The locks name exactly what pyproject.toml asks for and what that needs in turn."""

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
BUILD: list[str] = PROJECT["dependency-groups"]["build"]
RUNTIME: list[str] = PROJECT["project"]["dependencies"] + BUILD
DEV: list[str] = RUNTIME + PROJECT["project"]["optional-dependencies"]["dev"]
LOCKS = [("requirements.lock", RUNTIME), ("requirements-dev.lock", DEV)]
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+))? \\$", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    """Name and version of what this lock installs on this machine."""
    pins = PIN.finditer((TOP / lock).read_text())
    return {pin["name"]: pin["version"] for pin in pins if not pin["marker"] or Marker(pin["marker"]).evaluate()}


def wanted(line: str, extras: set[str]) -> bool:
    marker = Requirement(line).marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def needed(lines: list[str]) -> set[str]:
    """Everything these requirements bring along, as the installed packages tell it."""
    names: set[str] = set()
    seen: set[str] = set()
    todo = [line for line in lines if wanted(line, set())]
    while todo:
        line = todo.pop()
        if line in seen:
            continue
        seen.add(line)
        requirement = Requirement(line)
        names.add(canonicalize_name(requirement.name))
        todo += [child for child in requires(requirement.name) or () if wanted(child, requirement.extras)]
    return names


@pytest.mark.parametrize(("lock", "asked"), LOCKS)
def test_a_lock_holds_what_is_needed_and_nothing_else(lock: str, asked: list[str]) -> None:
    assert pinned(lock).keys() == needed(asked)


@pytest.mark.parametrize(("lock", "asked"), LOCKS)
def test_every_pin_is_a_version_that_was_asked_for(lock: str, asked: list[str]) -> None:
    pins = pinned(lock)

    requirements = [Requirement(line) for line in asked]

    assert [it for it in requirements if not it.specifier.contains(pins[canonicalize_name(it.name)])] == []


def test_the_demo_and_the_tests_run_on_the_same_versions() -> None:
    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


@pytest.mark.parametrize(("lock", "asked"), LOCKS)
def test_every_pin_carries_its_hashes(lock: str, asked: list[str]) -> None:
    entries = re.split(r"\n(?=\S)", (TOP / lock).read_text().strip())

    assert [entry.split(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []
