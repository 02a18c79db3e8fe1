"""A desk.yml written for an earlier version is read as it was meant, and the keys are named as they are now."""

from copy import deepcopy
from typing import Any

import pytest

from rules.config.diff import configuration_changes
from rules.config.faults import ConfigurationError
from rules.config.policy import parse_policy
from rules.config.renamed_keys import RENAMED_KEYS, current_key, renamed_keys, with_current_keys
from tests.rules.descriptions import description

EARLIER = {
    "presence_board": "floor",
    "absence_cover_after": "handover_after",
    "escalate_after": "climb_after",
    "group_above": "at_once",
    "extend_without_approval": "extend_freely",
    "peer_review_below": "peer_check_below",
    "min_answers": "at_least",
}


@pytest.fixture
def plain() -> dict[str, Any]:
    plain = description()
    plain["teams"]["support"] |= {"presence_board": True, "absence_cover_after": "1d"}
    plain["alerts"] = {"escalate_after": "1h", "group_above": 3, "extend_without_approval": "1d"}
    plain["escalations"] = {"peer_review_below": "40%", "min_answers": 20}
    return plain


@pytest.fixture
def earlier(plain: dict[str, Any]) -> dict[str, Any]:
    """The same configuration as it was written before."""
    written = deepcopy(plain)
    for section in (written["teams"]["support"], written["alerts"], written["escalations"]):
        for key in [key for key in section if key in EARLIER]:
            section[EARLIER[key]] = section.pop(key)
    return written


def test_the_earlier_keys_are_those_of_the_table() -> None:
    table = {current: earlier for names in RENAMED_KEYS.values() for earlier, current in names.items()}

    assert table == EARLIER


def test_an_earlier_configuration_means_the_same(plain: dict[str, Any], earlier: dict[str, Any]) -> None:
    assert "floor" in earlier["teams"]["support"]

    assert parse_policy(earlier) == parse_policy(plain)
    assert with_current_keys(earlier) == plain
    assert configuration_changes(earlier, plain) == []


def test_each_earlier_key_is_named_with_its_place(earlier: dict[str, Any]) -> None:
    found = {(one.path, one.current) for one in renamed_keys(earlier)}

    assert (("teams", "support", "floor"), "presence_board") in found
    assert (("alerts", "climb_after"), "escalate_after") in found
    assert len(found) == len(EARLIER)


def test_a_word_is_an_earlier_key_only_in_its_section() -> None:
    assert current_key(("teams", "floor")) is None
    assert current_key(("types", "network", "floor")) is None
    assert current_key(("people", "U0AGENT1", "handover_after")) is None


def test_both_names_of_a_key_are_refused(plain: dict[str, Any]) -> None:
    plain["teams"]["support"]["floor"] = False

    with pytest.raises(ConfigurationError) as refused:
        parse_policy(plain)

    assert str(refused.value) == (
        "team support: `floor` is called `presence_board` now, and both are here: keep `presence_board`."
    )
