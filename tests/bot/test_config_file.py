"""A lead edits desk.yml and applies it: what it says, or every fault with its line."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from bot.config_file import DeskFileError, load_desk_file
from rules.config.policy import parse_policy

GOOD = """\
calendars:
  office: {timezone: Europe/Oslo, hours: {mon-fri: [08:00-16:00]}, holidays: NO, closed: [2026-12-24]}
teams:
  support:
    name: Support
    channel: C0SUPPORT
    calendar: office
    agents: [U0AGENT1]
    summary_at: 12:30
types:
  other: {name: Other, team: support}
sla:
  - {first_response: 2h, resolution: 3d}
warn_at: [50%, 0.8]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def edited(desk: Path, old: str, new: str) -> Path:
    assert old in GOOD
    desk.write_text(GOOD.replace(old, new), encoding="utf-8")
    return desk


def refused(desk: Path) -> list[str]:
    with pytest.raises(DeskFileError) as error:
        load_desk_file(desk)
    return str(error.value).replace(str(desk), "desk.yml").splitlines()


def test_the_sample_in_the_repository_can_be_applied_as_it_is() -> None:
    sample = load_desk_file(Path(__file__).parents[2] / "desk.sample.yml")

    assert list(sample.policy.teams) == ["support", "network"]
    assert sample.warnings == ()


def test_a_desk_is_read(desk: Path) -> None:
    file = load_desk_file(desk)

    assert file.policy.team("support").agents == ("U0AGENT1",)
    assert file.policy.warn_at == (0.5, 0.8)
    assert file.warnings == ()


def test_times_dates_and_norway_stay_what_they_are(desk: Path) -> None:
    plain = load_desk_file(desk).plain

    assert plain["teams"]["support"]["summary_at"] == "12:30"
    assert plain["calendars"]["office"]["closed"] == ["2026-12-24"]
    assert plain["calendars"]["office"]["holidays"] == "NO"


def test_a_number_in_quotes_is_a_name(desk: Path) -> None:
    edited(desk, "name: Other", 'name: "404"')

    assert load_desk_file(desk).policy.type("other").name == "404"


def test_a_file_saved_by_a_windows_editor_is_read(desk: Path) -> None:
    desk.write_text(GOOD.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")

    assert load_desk_file(desk).policy.team("support").channel == "C0SUPPORT"


def test_what_was_read_survives_being_kept_as_json(desk: Path) -> None:
    file = load_desk_file(desk)

    assert parse_policy(json.loads(json.dumps(file.plain))) == file.policy


def test_a_fault_names_file_line_place_and_remedy(desk: Path) -> None:
    edited(desk, "calendar: office", "calendar: offise")

    assert refused(desk) == [
        "desk.yml:7: team support: calendar `offise` is not one of the calendars here. Did you mean `office`?"
    ]


def test_a_missing_key_is_named_at_the_entry_that_lacks_it(desk: Path) -> None:
    edited(desk, "    channel: C0SUPPORT\n", "")

    assert refused(desk) == [
        "desk.yml:4: team support: `channel` is missing: write the id of the team's Slack channel."
    ]


def test_all_faults_come_at_once_in_the_order_of_the_file(desk: Path) -> None:
    desk.write_text(GOOD.replace("Oslo", "Olso").replace("3d}", "3 daze}").replace("warn_at", "warn_att"))

    assert [line.split(" ")[0] for line in refused(desk)] == ["desk.yml:2:", "desk.yml:13:", "desk.yml:14:"]


def test_the_fault_of_a_list_stands_at_its_own_line(desk: Path) -> None:
    edited(desk, "agents: [U0AGENT1]", "agents:\n      - U0AGENT1\n      - anna")

    assert refused(desk)[0].startswith("desk.yml:10: team support: `anna` is not a Slack member id")


def test_a_key_that_stands_twice_is_refused(desk: Path) -> None:
    edited(desk, "    summary_at: 12:30", "    name: Help")

    assert refused(desk) == ["desk.yml:9: `name` is already in line 5: keep one."]


@pytest.mark.parametrize(
    ("text", "line"),
    [("teams: [", 1), ("teams:\n\tsupport: {}", 2), ("a: *nobody", 1), ("a: 1\n---\nb: 2", 2)],
)
def test_what_is_not_yaml_is_refused_with_its_line(desk: Path, text: str, line: int) -> None:
    desk.write_text(text)

    assert refused(desk)[0].startswith(f"desk.yml:{line}: this is not YAML: ")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "hello", "[1, 2]"])
def test_a_file_that_describes_no_desk_points_to_the_sample(desk: Path, text: str) -> None:
    desk.write_text(text)

    assert refused(desk) == [
        "desk.yml:1: this is not a configuration: it has no teams: and types:; see desk.sample.yml."
    ]


def test_a_list_that_holds_itself_is_refused(desk: Path) -> None:
    edited(desk, "agents: [U0AGENT1]", "agents: &all [U0AGENT1, *all]")

    assert refused(desk) == ["desk.yml:8: this alias contains itself: write the value out."]


def test_an_alias_is_the_value_it_names(desk: Path) -> None:
    edited(desk, "agents: [U0AGENT1]", "agents: &all [U0AGENT1]\n    leads: *all")

    assert load_desk_file(desk).policy.team("support").leads == ("U0AGENT1",)


BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 8)}]\n" for before, name in pairwise("abcdefgh")
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: " + "[" * 5000, "lists and mappings are nested more than 30 deep in it"),
        ("a: " + "{b: " * 300_000, "lists and mappings are nested more than 30 deep in it"),
        ("\n".join(f"k{number}: 1" for number in range(30_000)), "it has more than 50000 values"),
        (BOMB, "it has more than 50000 values, those behind an alias counted each time"),
        ("a: " + "x" * 2_000_000, "it is larger than 2 MB"),
    ],
    ids=["lists", "mappings", "keys", "aliases", "size"],
)
def test_a_file_that_is_too_much_is_refused_with_the_limit(desk: Path, text: str, fault: str) -> None:
    desk.write_text(text)

    (sentence,) = refused(desk)
    assert sentence.startswith(f"desk.yml: {fault}")


def test_of_thousands_of_faults_the_first_are_named(desk: Path) -> None:
    desk.write_text("\n".join(f"k{number}: 1" for number in range(3000)))

    assert len(refused(desk)) < 300
    assert any("more faults are left out" in sentence for sentence in refused(desk))


def test_a_key_that_is_a_list_is_refused(desk: Path) -> None:
    edited(desk, "name: Support", "[a, b]: Support")

    assert refused(desk) == ["desk.yml:5: a key is a word, not a list or a mapping."]


def test_a_file_that_is_not_there_is_told_with_the_remedy(tmp_path: Path) -> None:
    assert refused(tmp_path / "desk.yml") == ["desk.yml: there is no such file. Copy desk.sample.yml there to begin."]


def test_a_folder_is_no_description(tmp_path: Path) -> None:
    (tmp_path / "desk.yml").mkdir()

    assert refused(tmp_path / "desk.yml") == ["desk.yml: this file cannot be read: Is a directory."]


def test_a_file_in_another_encoding_is_refused(desk: Path) -> None:
    desk.write_bytes(GOOD.replace("Support", "Zażółć").encode("cp1250"))

    assert refused(desk) == ["desk.yml: this is not text in UTF-8. Save it as UTF-8."]


def test_a_file_with_a_control_character_is_refused(desk: Path) -> None:
    edited(desk, "Support", "Sup\x07port")

    assert refused(desk)[0].startswith("desk.yml: this is not YAML: ")


def test_doubts_are_told_with_the_file(desk: Path) -> None:
    edited(desk, ", resolution: 3d", "")

    (doubt,) = load_desk_file(desk).warnings

    assert str(doubt).startswith(f"{desk}: No SLA row sets `resolution`.")


def test_an_earlier_key_is_read_and_its_current_name_told(desk: Path) -> None:
    edited(desk, "    summary_at: 12:30", "    floor: true")

    file = load_desk_file(desk)

    assert file.policy.team("support").has_presence_board
    assert file.plain["teams"]["support"]["presence_board"] is True
    assert [str(warning) for warning in file.warnings] == [
        f"{desk}:9: `floor` is called `presence_board` now. It still works."
    ]


def test_a_fault_behind_an_earlier_key_is_named_at_its_line(desk: Path) -> None:
    edited(desk, "    summary_at: 12:30", "    floor: yes")

    assert refused(desk) == ["desk.yml:9: team support: `presence_board` is true or false, not `yes`."]
