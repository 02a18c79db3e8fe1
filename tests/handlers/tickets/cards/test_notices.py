"""Notices to one person, alone and several that came late."""

import pytest

from handlers.tickets.cards.notices import Notice, late_notices_message, notice_message
from tests.desks import problems
from tests.handlers.hostile import TYPED, alarms, ticket_of


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("count", [1, 30])
def test_whatever_people_typed_a_notice_is_harmless_and_within_limits(text: str, count: int) -> None:
    notice = Notice("<@U0AGENT1> passed #12 back.", text, ticket_of(text))

    said = notice_message(notice) if count == 1 else late_notices_message([notice] * count)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


def test_several_say_that_they_are_late_and_one_alone_does_not() -> None:
    first, second = Notice("Look at this.", "", None), Notice("And at that.", "", None)

    assert late_notices_message([first]).text == "Look at this."
    assert late_notices_message([first, second]).text == ("2 messages delayed by Slack: Look at this. And at that.")
