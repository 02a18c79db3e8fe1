"""`baton apply` and what the command line sees of the desk without Slack."""

from pathlib import Path

import pytest
import yaml

from bot.cli.apply import apply_desk_file
from bot.config_file import DeskFileError
from bot.settings import Settings, make_settings
from tests.desks import OFFICE


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url=database_url, baton_config=tmp_path / "none.yml")


def written(tmp_path: Path, plain: object) -> Path:
    path = tmp_path / "desk.yml"
    path.write_text(yaml.safe_dump(plain), encoding="utf-8")
    return path


async def test_the_first_time_everything_is_told_and_the_second_time_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    path = written(tmp_path, OFFICE)

    first = await apply_desk_file(settings, path)
    second = await apply_desk_file(settings, path)

    assert any("Network" in str(line) for line in first)
    assert [str(line) for line in second] == ["Nothing changed."]


async def test_what_is_applied_first_is_the_file_that_was_named(database_url: str, tmp_path: Path) -> None:
    beside = tmp_path / "beside.yml"
    beside.write_text(yaml.safe_dump(OFFICE), encoding="utf-8")
    small = {section: OFFICE[section] for section in ("teams", "types")}
    small["teams"] = {key: {**team, "calendar": None} for key, team in small["teams"].items()}
    settings = make_settings(database_url=database_url, baton_config=beside)

    lines = [str(line) for line in await apply_desk_file(settings, written(tmp_path, small))]

    assert "Team Support is new" in lines
    assert [line for line in lines if "removed" in line] == []


async def test_warnings_come_after_what_changed_and_are_no_change(settings: Settings, tmp_path: Path) -> None:
    path = written(tmp_path, OFFICE | {"sla": [{"resolution": "3d"}]})

    await apply_desk_file(settings, path)
    again = [str(line) for line in await apply_desk_file(settings, path)]

    assert again[0] == "Nothing changed."
    assert all(line.startswith("Warning: ") for line in again[1:])
    assert len(again) > 1


async def test_a_wrong_file_is_refused_with_its_line_and_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    await apply_desk_file(settings, written(tmp_path, OFFICE))
    wrong = OFFICE | {"managers": ["nobody"]}

    with pytest.raises(DeskFileError, match=r"desk\.yml:\d+: .*nobody"):
        await apply_desk_file(settings, written(tmp_path, wrong))

    assert [str(line) for line in await apply_desk_file(settings, written(tmp_path, OFFICE))] == ["Nothing changed."]
