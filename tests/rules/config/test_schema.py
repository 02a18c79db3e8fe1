"""The models of desk.yml are its documentation, and whatever is written in it is read or refused in sentences."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.config import schema
from rules.config.faults import ConfigurationError
from rules.config.policy import parse_policy
from rules.model.policy import Policy
from tests.rules.descriptions import everything, places

MODELS = [model for model in vars(schema).values() if isinstance(model, type) and issubclass(model, schema.Entry)]
WORDS = st.sampled_from(["", " ", "any", "office", "50%", "30m", "mon-fri", "U0AGENT1", "{name}", "`", "ż" * 80])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
unhurried = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("model", MODELS)
def test_every_setting_says_what_it_means(model: type[schema.Entry]) -> None:
    assert model.__doc__
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_the_models_give_a_json_schema() -> None:
    team = schema.Desk.model_json_schema()["$defs"]["Team"]["properties"]

    assert team["answer_within"]["type"] == team["channel"]["type"] == "string"
    assert team["channel"]["remedy"] == "write the id of the team's Slack channel"


@unhurried
@given(st.dictionaries(st.sampled_from([*schema.Desk.model_fields, "zzz"]), ANYTHING))
def test_any_mapping_is_read_or_refused(plain: dict[str, Any]) -> None:
    read_or_refused(plain)


@unhurried
@given(st.data())
def test_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    plain = everything()
    for holder, key in data.draw(st.lists(st.sampled_from(places(plain)), min_size=1, max_size=4, unique_by=id)):
        holder[key] = data.draw(ANYTHING)

    read_or_refused(plain)


def read_or_refused(plain: dict[str, Any]) -> None:
    before = deepcopy(plain)
    try:
        assert isinstance(parse_policy(plain), Policy)
    except ConfigurationError as error:
        assert error.faults
        assert all(
            str(fault.sentence).endswith((".", "?")) and "Input should" not in str(fault.sentence)
            for fault in error.faults
        )
    assert repr(plain) == repr(before)
