"""People enter shifts outside their calendar; leads enter them for their people."""

from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.model.people import PersonProfile
from rules.presence.presence import periods_overlap
from rules.presence.shift_parsing import check_shift, shift_text
from rules.presence.shifts import Shift
from services.presence import board, presence
from storage.presence.time_entries import add_shift, current_entries, end_entry, leave_by_person
from storage.schema.people import ShiftEntry
from storage.transaction import Transaction


class ShiftOver(Refused):
    """The shift was cancelled meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That shift was taken back already, or is over.")


def enter_shift(tx: Transaction, person: str, shift: Shift, *, by: str) -> int:
    """The id of the entry. Refused where it overlaps leave or another shift; it may overlap the person's calendar."""
    presence.check_may_enter(tx.policy, person, by)
    check_shift(shift, tx.now, presence.work_timezone(tx.policy, person))
    _check_not_on_leave(tx, person, shift, by)
    _check_no_other_shift(tx, person, shift, by)
    row = add_shift(tx, person, shift, by=by)
    period = shift_entry_text(tx, row)
    for_leads = f"<@{person}> works on {period} (said by <@{by}>)."
    presence.notify_of_entry(tx, row, by, for_leads, f"<@{by}> entered a shift for you: {period}.")
    board.update_boards_of(tx, person)
    return row.id


def cancel_shift(tx: Transaction, person: str, id_: int, *, by: str) -> str:
    presence.check_may_enter(tx.policy, person, by)
    row = presence.find_current_entry(tx, ShiftEntry, person, id_)
    if row is None:
        raise ShiftOver
    period = shift_entry_text(tx, row)
    end_entry(tx, row)
    for_leads = f"<@{person}> does not work on {period} after all (said by <@{by}>)."
    presence.notify_of_entry(tx, row, by, for_leads, f"<@{by}> took your shift back: {period}.")
    board.update_boards_of(tx, person)
    return f"Taken back: the shift {period}."


def shift_entry_text(tx: Transaction, row: ShiftEntry) -> str:
    return shift_text(row.begins, row.ends, tx.now, presence.work_timezone(tx.policy, row.person))


def _check_not_on_leave(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    timezone = presence.work_timezone(tx.policy, person)
    subject = "You are" if person == by else f"<@{person}> is"
    for leave in leave_by_person(tx, [person], at=tx.now)[person]:
        if periods_overlap(shift, leave):
            period = presence.leave_text(tx, person, leave)
            raise Refused(
                f"{subject} away {period} ({leave.kind}): take that back on Home first, or choose another day."
            )
    day = local_date(shift.begins, timezone)
    if tx.policy.people.get(person, PersonProfile()).is_away_on(day):
        raise Refused(f"{subject} away on {day} by desk.yml: whoever runs the desk takes it out of `away:` there.")


def _check_no_other_shift(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    subject = "You work" if person == by else f"<@{person}> works"
    for row in current_entries(tx, ShiftEntry, [person], at=tx.now):
        if periods_overlap(shift, Shift(row.begins, row.ends)):
            entry_text = shift_entry_text(tx, row)
            raise Refused(f"{subject} on {entry_text} already: take that back on Home first, or choose other hours.")
