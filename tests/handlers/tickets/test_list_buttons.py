"""Buttons of lists, also those that an earlier version posted."""

import pytest

from handlers.tickets.lists import parse_listing
from rules.intake.commands import ListView, TicketListing


@pytest.mark.parametrize(
    ("value", "view"),
    [
        ("breached:2:support", ListView.BREACHED),
        ("overdue:2:support", ListView.BREACHED),
        ("near:2:support", ListView.DUE_SOON),
    ],
)
def test_a_button_of_an_earlier_version_opens_the_same_list(value: str, view: ListView) -> None:
    assert parse_listing(value) == TicketListing(view, team="support", page=2)
