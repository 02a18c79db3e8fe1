"""A person's own shifts: the answer, the form, and the rows on Home."""

from collections.abc import Sequence
from datetime import date, datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import mention
from rules.model.policy import Policy
from rules.presence.shift_parsing import shift_text
from storage.schema.people import ShiftEntry

SHIFTS_SHOWN = 5
UNTIL_HINT = "A time that is not later than the first is one of the next day."


def shift_entered(row: ShiftEntry, policy: Policy, now: datetime, *, by: str) -> Message:
    who = "You work" if row.person == by else f"{mention(row.person)} works"
    text = f"✓ {who} on {_shift_text(row, policy, now)}, beside the usual hours."
    return Message(text, [blocks.section(text), blocks.actions(_cancel_button(row))])


def shift_form(who: str, today: date, place: str, *, leads: bool) -> Modal:
    whom = [blocks.input_field("For", blocks.user_select("whom", chosen=who))] if leads else []
    hint = "By the clock of whom it is for." if leads else f"By the clock of {place}."
    content = [
        *whom,
        blocks.input_field("Day", blocks.date_picker("day", chosen=today)),
        blocks.input_field("From", blocks.time_picker("from"), hint=hint),
        blocks.input_field("Until", blocks.time_picker("until"), hint=UNTIL_HINT),
    ]
    return blocks.form_modal(Form.SHIFT, "A shift of your own", content, submit="Enter", metadata=who)


def upcoming_shifts(rows: Sequence[ShiftEntry], policy: Policy, now: datetime) -> list[Block]:
    return [
        blocks.section(f"Shift on {_shift_text(row, policy, now)}", accessory=_cancel_button(row))
        for row in rows[:SHIFTS_SHOWN]
    ]


def _cancel_button(row: ShiftEntry) -> Element:
    return blocks.button("Take back", Button.CANCEL_SHIFT, f"{row.person}:{row.id}", spoken="Take this shift back")


def _shift_text(row: ShiftEntry, policy: Policy, now: datetime) -> str:
    return shift_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
