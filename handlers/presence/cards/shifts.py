"""A person's own shifts: the answer, the form, and the rows on Home."""

from collections.abc import Sequence
from datetime import date, datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import render
from rules.model.policy import Policy
from rules.presence.shift_parsing import shift_text
from rules.text import Person, Text, _
from storage.schema.people import ShiftEntry

SHIFTS_SHOWN = 5
UNTIL_HINT = _("An earlier time than the start means the next day.")


def shift_entered(row: ShiftEntry, policy: Policy, now: datetime, *, by: str) -> Message:
    shift = _shift_text(row, policy, now)
    text = _("✓ You have an extra shift: {shift}.", shift=shift)
    if row.person != by:
        text = _("✓ {person} has an extra shift: {shift}.", person=Person(row.person), shift=shift)
    return Message(render(text), [blocks.section(text), blocks.actions(_cancel_button(row))])


def shift_form(who: str, today: date, place: str, *, leads: bool) -> Modal:
    whom = [blocks.input_field(_("For"), blocks.user_select("whom", chosen=who))] if leads else []
    hint = _("In the time zone of that person.") if leads else _("In the time zone {zone}.", zone=place)
    content = [
        *whom,
        blocks.input_field(_("Day"), blocks.date_picker("day", chosen=today)),
        blocks.input_field(_("From"), blocks.time_picker("from"), hint=hint),
        blocks.input_field(_("Until"), blocks.time_picker("until"), hint=UNTIL_HINT),
    ]
    return blocks.form_modal(Form.SHIFT, _("Extra shift"), content, submit=_("Save"), metadata=who)


def upcoming_shifts(rows: Sequence[ShiftEntry], policy: Policy, now: datetime) -> list[Block]:
    return [
        blocks.section(_("Extra shift {shift}", shift=_shift_text(row, policy, now)), accessory=_cancel_button(row))
        for row in rows[:SHIFTS_SHOWN]
    ] + blocks.more_context(len(rows) - SHIFTS_SHOWN)


def _cancel_button(row: ShiftEntry) -> Element:
    value = f"{row.person}:{row.id}"
    return blocks.button(_("Cancel shift"), Button.CANCEL_SHIFT, value, spoken=_("Cancel this extra shift"))


def _shift_text(row: ShiftEntry, policy: Policy, now: datetime) -> Text:
    return shift_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
