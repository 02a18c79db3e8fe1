"""People enter shifts outside their calendar; leads enter them for their people."""

from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.model.people import PersonProfile
from rules.presence.leave import date_text, leave_kind_label
from rules.presence.presence import periods_overlap
from rules.presence.shift_parsing import check_shift, shift_text
from rules.presence.shifts import Shift
from rules.text import Code, Person, Text, _
from services.presence import board, presence
from storage.presence.time_entries import add_shift, current_entries, end_entry, leave_by_person
from storage.schema.people import ShiftEntry
from storage.transaction import Transaction


class ShiftOver(Refused):
    """The shift was cancelled meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__(_("That shift was already canceled, or is over."))


def enter_shift(tx: Transaction, person: str, shift: Shift, *, by: str) -> int:
    """The id of the entry. Refused where it overlaps leave or another shift; it may overlap the person's calendar."""
    presence.check_may_enter(tx.policy, person, by)
    check_shift(shift, tx.now, presence.work_timezone(tx.policy, person))
    _check_not_on_leave(tx, person, shift, by)
    _check_no_other_shift(tx, person, shift, by)
    row = add_shift(tx, person, shift, by=by)
    period = shift_entry_text(tx, row)
    for_leads = _(
        "{person} has an extra shift: {shift} (entered by {by}).", person=Person(person), shift=period, by=Person(by)
    )
    for_person = _("{by} entered an extra shift for you: {shift}.", by=Person(by), shift=period)
    presence.notify_of_entry(tx, row, by, for_leads, for_person)
    board.update_boards_of(tx, person)
    return row.id


def cancel_shift(tx: Transaction, person: str, id_: int, *, by: str) -> Text:
    presence.check_may_enter(tx.policy, person, by)
    row = presence.find_current_entry(tx, ShiftEntry, person, id_)
    if row is None:
        raise ShiftOver
    period = shift_entry_text(tx, row)
    end_entry(tx, row)
    for_leads = _(
        "The extra shift of {person} was canceled by {by}: {shift}.", person=Person(person), by=Person(by), shift=period
    )
    for_person = _("{by} canceled your extra shift: {shift}.", by=Person(by), shift=period)
    presence.notify_of_entry(tx, row, by, for_leads, for_person)
    board.update_boards_of(tx, person)
    return _("Extra shift canceled: {shift}.", shift=period)


def shift_entry_text(tx: Transaction, row: ShiftEntry) -> Text:
    return shift_text(row.begins, row.ends, tx.now, presence.work_timezone(tx.policy, row.person))


def _check_not_on_leave(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    timezone, today = presence.work_timezone(tx.policy, person), presence.work_today(tx, person)
    for leave in leave_by_person(tx, [person], at=tx.now)[person]:
        if periods_overlap(shift, leave):
            away = _away_text(person, by, presence.leave_text(tx, person, leave))
            kind = leave_kind_label(leave.kind)
            raise Refused(_("{away} ({kind}). Cancel that on Home first, or choose another day.", away=away, kind=kind))
    day = local_date(shift.begins, timezone)
    if tx.policy.people.get(person, PersonProfile()).is_away_on(day):
        away = _away_text(person, by, _("on {day}", day=date_text(day, today)))
        raise Refused(
            _("{away} by desk.yml. Ask an admin to remove it from {key} there.", away=away, key=Code("away:"))
        )


def _away_text(person: str, by: str, period: Text) -> Text:
    if person == by:
        return _("You are away {period}", period=period)
    return _("{person} is away {period}", person=Person(person), period=period)


def _check_no_other_shift(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    for row in current_entries(tx, ShiftEntry, [person], at=tx.now):
        if periods_overlap(shift, Shift(row.begins, row.ends)):
            other = shift_entry_text(tx, row)
            has = _("You already have an extra shift: {shift}.", shift=other)
            if person != by:
                has = _("{person} already has an extra shift: {shift}.", person=Person(person), shift=other)
            raise Refused(_("{has} Cancel that on Home first, or choose other hours.", has=has))
