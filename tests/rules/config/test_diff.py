"""A lead changes desk.yml: each difference is a sentence."""

from copy import deepcopy
from typing import Any

import pytest

from rules.config.diff import configuration_changes
from tests.rules.descriptions import description, put


@pytest.fixture
def plain() -> dict[str, Any]:
    return description()


def changes(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    return [str(text) for text in configuration_changes(before, after)]


def test_applying_the_same_description_changes_nothing(plain: dict[str, Any]) -> None:
    assert changes(plain, deepcopy(plain)) == []


def test_a_new_expert_is_one_sentence(plain: dict[str, Any]) -> None:
    after = put(deepcopy(plain), "teams.network.experts", ["W0EXPERT1", "U0EXPERT2"])

    assert changes(plain, after) == ["Team Network, experts: added U0EXPERT2"]


def test_a_first_description_is_all_new(plain: dict[str, Any]) -> None:
    told = changes(None, plain)

    assert told[:6] == [
        "Calendar office is new",
        "Calendar always is new",
        "Team Support is new",
        "Team Network is new",
        "Type Network is new",
        "Type Other is new",
    ]
    assert told[6:8] == ["Managers: added U0MANAGER1", "Observers: added U0OBSERVER1"]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("teams.support.calendar", "always", "Team Support, calendar: office → always"),
        ("teams.support.summary_at", None, "Team Support, summary_at: 16:00 → none"),
        ("teams.support.agents", ["U0AGENT2", "U0AGENT3"], "Team Support, agents: added U0AGENT3; removed U0AGENT1"),
        ("teams.support.agents", ["U0AGENT2", "U0AGENT1"], "Team Support, agents: in another order"),
        ("teams.network.leads", ["U0LEAD2"], "Team Network, leads: added U0LEAD2"),
        ("managers", [], "Managers: removed U0MANAGER1"),
        ("warn_at", ["80%"], "SLA warnings: removed 0.5"),
        ("calendars.always.timezone", "Asia/Tokyo", "Calendar always, timezone: UTC → Asia/Tokyo"),
        ("calendars.always.hours", {"mon": ["08:00-09:00", "10:00-11:00"]},
         "Calendar always, hours: mon-sun 00:00-24:00 → mon 08:00-09:00, 10:00-11:00"),
        ("sla.2.resolution", "2d", "SLA: added all tickets (first_response 2h, resolution 2d); "
         "removed all tickets (first_response 2h, resolution 3d)"),
    ],
)  # fmt: skip
def test_what_changes_is_told_in_a_sentence(plain: dict[str, Any], path: str, value: object, sentence: str) -> None:
    assert changes(plain, put(deepcopy(plain), path, value)) == [sentence]


def test_what_is_gone_is_told(plain: dict[str, Any]) -> None:
    after = deepcopy(plain)
    del after["types"]["other"], after["admins"]

    assert changes(plain, after) == ["Type Other is removed", "Admins: removed U0ADMIN1"]
