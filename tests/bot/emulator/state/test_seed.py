"""A mistake in the seed is named with its place."""

from pathlib import Path
from typing import Any

import pytest

from bot.emulator.__main__ import read_seed
from bot.emulator.errors import SeedError
from bot.emulator.server import Emulator
from bot.emulator.session import WaitTimedOut
from tests.bot.emulator.conftest import ANA


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ([], "must be a mapping"),
        ({"teams": {}}, "unknown field 'teams'"),
        ({"people": ["U0ANA"]}, "people: every entry is a mapping with an id"),
        ({"people": [{"id": "U1", "tz": "Warsaw"}]}, "people: U1: tz 'Warsaw' is no IANA zone"),
        ({"people": [{"id": "U1"}, {"id": "U1"}]}, "two people with this id"),
        ({"channels": [{"id": "C1", "members": ["U9"]}]}, "channels: C1: member 'U9'"),
        ({"channels": [{"id": "C1"}, {"id": "C1"}]}, "two channels with this id"),
        ({"app": {"token": "x"}}, "app: unknown field 'token'"),
        ({"usergroups": [{"id": "S1", "users": ["U9"]}]}, "usergroups: S1: user 'U9'"),
    ],
)
def test_the_mistake_is_named(seed: Any, words: str) -> None:  # noqa: ANN401 - whatever stands in a file
    with pytest.raises(SeedError, match=words):
        Emulator(seed)


def test_an_empty_seed_is_a_workspace_with_its_app() -> None:
    assert list(Emulator({}).workspace.users) == ["U0BOT"]


def test_a_seed_file_may_name_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.yml").write_text("settings: {socket_mode_enabled: true}")
    (tmp_path / "seed.yml").write_text("app: {manifest: manifest.yml}")

    assert read_seed(tmp_path / "seed.yml") == {"app": {"manifest": {"settings": {"socket_mode_enabled": True}}}}


def test_a_stranger_is_not_a_person_here(slack: Emulator) -> None:
    with pytest.raises(LookupError, match="Nobody here is 'U0NONE'"):
        slack.person("U0NONE")


async def test_waiting_in_vain_shows_the_last_traffic(slack: Emulator) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    with pytest.raises(WaitTimedOut, match="→ slash_commands /ask operation_timeout"):
        await slack.wait_until(lambda: False, seconds=0)
