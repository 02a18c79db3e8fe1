"""Sentences survive being stored."""

from datetime import UTC, datetime

import pytest

from rules.text import Channel, Code, Duration, Moment, Person, Text, TicketNumber, _, ngettext
from storage.texts import text_from_json, text_to_json


@pytest.mark.parametrize(
    "text",
    [
        _("Plain."),
        _("{a}{b}", a="typed", b=7),
        _("{p}{c}{t}{d}{k}", p=Person("U1"), c=Channel("C1"), t=TicketNumber(3), d=Duration(61), k=Code("x")),
        _("{at}", at=Moment(datetime(2026, 3, 2, 9, tzinfo=UTC))),
        ngettext("{n} of {inner}", "{n} of {inner}s", 2, inner=_("a {word}", word="team")),
    ],
)
def test_a_stored_sentence_is_the_same_again(text: Text) -> None:
    assert text_from_json(text_to_json(text)) == text
