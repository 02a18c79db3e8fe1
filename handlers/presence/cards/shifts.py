"""Shifts of one's own: the answer, the form, and the lines on Home."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    field,
    form,
    page,
    person,
    pick_date,
    pick_person,
    pick_time,
    section,
)
from handlers.slack.ids import Button, Form
from rules.model.policy import Policy
from rules.presence.shift_parsing import spoken
from storage.schema.people import OwnShift

SHIFTS = 5


def entered(row: OwnShift, policy: Policy, now: datetime, *, by: str) -> Message:
    """The answer after a shift was entered: what was understood, and the way back."""
    who = "You work" if row.person == by else f"{person(row.person)} works"
    said = f"✓ {who} on {_words(row, policy, now)}, beside the usual hours."
    return Message(said, [section(said), actions(_take_back(row))])


def entered_page(said: Message) -> dict[str, Any]:
    """The same in the place of the form; it is taken back on Home."""
    return page("Entered", [said.blocks[0], context("It can be taken back on Home.")])


def form_(who: str, today: date, place: str, *, leads: bool) -> dict[str, Any]:
    """A day, from when and until when; who leads people says for whom."""
    whom = [field("For", pick_person("whom", chosen=who))] if leads else []
    clock = "By the clock of whom it is for." if leads else f"By the clock of {place}."
    content = [
        *whom,
        field("Day", pick_date("day", chosen=today)),
        field("From", pick_time("from"), hint=clock),
        field("Until", pick_time("until"), hint="A time that is not later than the first is one of the next day."),
    ]
    return form(Form.SHIFT, "A shift of your own", content, submit="Enter", about=who)


def to_come(rows: Sequence[OwnShift], policy: Policy, now: datetime) -> list[Block]:
    """One line for each of the next shifts, with the way back."""
    return [section(f"Shift on {_words(row, policy, now)}", accessory=_take_back(row)) for row in rows[:SHIFTS]]


def _take_back(row: OwnShift) -> Element:
    return button("Take back", Button.SHIFT_CANCEL, f"{row.person}:{row.id}", says="Take this shift back")


def _words(row: OwnShift, policy: Policy, now: datetime) -> str:
    return spoken(row.begins, row.ends, now, policy.calendar_for(row.person, "").timezone)
