"""A form is declared once: what a person sees, what they read beside a field, and what comes of it."""

from typing import Annotated

import pytest
from pydantic import Field

from handlers.slack.forms import ChoiceField, FormModel, TextField
from handlers.slack.payloads import Submission
from rules.errors import FieldErrors
from rules.model.tickets import Priority


class Wish(FormModel):
    """What somebody wishes for."""

    title: Annotated[str, Field(max_length=20), TextField("Title", hint="In a few words.")]
    priority: Annotated[Priority, ChoiceField("Priority")]
    team: Annotated[str, ChoiceField("Team")] = ""


def sent(**answers: str) -> Submission:
    return Submission(user="U0AGENT1", metadata="1", answers=answers, key="form:V1")


def test_its_fields_stand_in_order_with_what_was_there_before() -> None:
    title, priority, team = Wish.fields({"priority": Priority.HIGH}, team=[("Support", "support")])

    assert [one["label"]["text"] for one in (title, priority, team)] == ["Title", "Priority", "Team"]
    assert (title["hint"]["text"], title["element"]["max_length"], title["optional"]) == ("In a few words.", 20, False)
    assert [one["text"]["text"] for one in priority["element"]["options"]] == ["Critical", "High", "Normal", "Low"]
    assert priority["element"]["initial_option"]["value"] == "high"
    assert (team["element"]["options"][0]["value"], team["optional"]) == ("support", True)


def test_what_was_filled_in_becomes_a_value() -> None:
    wish = Wish.read(sent(title="  A faster VPN ", priority="low", team=""))

    assert wish == Wish(title="A faster VPN", priority=Priority.LOW)


def test_everything_that_is_wrong_is_said_beside_its_field_at_once() -> None:
    with pytest.raises(FieldErrors) as refusal:
        Wish.read(sent(title=" ", priority="soon"))
    with pytest.raises(FieldErrors) as too_long:
        Wish.read(sent(title="A much faster VPN, please", priority="low"))

    assert {name: str(one) for name, one in refusal.value.sentences.items()} == {
        "title": "Fill this in.",
        "priority": "Choose one of the list.",
    }
    assert {name: str(one) for name, one in too_long.value.sentences.items()} == {
        "title": "At most 20 characters, please."
    }


def test_the_same_model_describes_an_api_body() -> None:
    assert Wish.model_json_schema()["required"] == ["title", "priority"]
