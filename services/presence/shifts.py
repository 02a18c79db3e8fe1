"""People say that they work beside their calendar; leads say it for their people."""

from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.model.people import PersonProfile
from rules.presence.presence import Leave
from rules.presence.shift_parsing import check_shift, shift_text
from rules.presence.shifts import Shift
from services.presence import board, presence
from storage.outbox import outbox
from storage.presence.presence import leave_by_person
from storage.presence.shifts import add_shift, current_shift_entries, find_shift
from storage.schema.people import ShiftEntry
from storage.transaction import Transaction


class ShiftOver(Refused):
    """The shift was taken back meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That shift was taken back already, or is over.")


def enter_shift(tx: Transaction, person: str, shift: Shift, *, by: str) -> int:
    """A shift is entered, by the person or by who leads them; the number of the entry. Their leads read it.

    Refused where it lies over leave, or over another shift of theirs; over the hours of their calendar it may lie.
    """
    presence.check_may_enter(tx.policy, person, by)
    check_shift(shift, tx.now, presence.work_timezone(tx.policy, person))
    _check_not_on_leave(tx, person, shift, by)
    _check_no_other_shift(tx, person, shift, by)
    row = add_shift(tx, person, shift, by=by)
    words = shift_entry_text(tx, row)
    _notify(tx, row, by, f"<@{person}> works on {words}", f"<@{by}> entered a shift for you: {words}.")
    board.update_boards_of(tx, person)
    return row.id


def cancel_shift(tx: Transaction, person: str, id_: int, *, by: str) -> str:
    """A shift is taken back: as if it had not been entered, or, where it has begun, it ends now."""
    presence.check_may_enter(tx.policy, person, by)
    row = find_shift(tx, person, id_)
    if row is None or row.cancelled_at is not None or row.ends <= tx.now:
        raise ShiftOver
    words = shift_entry_text(tx, row)
    if row.begins < tx.now:
        row.ends = tx.now
    else:
        row.cancelled_at = tx.now
    _notify(tx, row, by, f"<@{person}> does not work on {words} after all", f"<@{by}> took your shift back: {words}.")
    board.update_boards_of(tx, person)
    return f"Taken back: the shift {words}."


def shift_entry_text(tx: Transaction, row: ShiftEntry) -> str:
    """Its day and times, by the person's own clock."""
    return shift_text(row.begins, row.ends, tx.now, presence.work_timezone(tx.policy, row.person))


def _check_not_on_leave(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    """DeskError where they are away then, by what was entered or by desk.yml."""
    place = presence.work_timezone(tx.policy, person)
    who = "You are" if person == by else f"<@{person}> is"
    for leave in leave_by_person(tx, [person], at=tx.now)[person]:
        if _overlaps(shift, leave):
            words = presence.leave_text(tx, person, leave)
            raise Refused(f"{who} away {words} ({leave.kind}): take that back on Home first, or choose another day.")
    day = shift.begins.astimezone(time_zone(place)).date()
    if tx.policy.people.get(person, PersonProfile()).is_away_on(day):
        raise Refused(f"{who} away on {day} by desk.yml: whoever runs the desk takes it out of `away:` there.")


def _check_no_other_shift(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    who = "You work" if person == by else f"<@{person}> works"
    for row in current_shift_entries(tx, [person], at=tx.now):
        if shift.begins < row.ends and row.begins < shift.ends:
            raise Refused(
                f"{who} on {shift_entry_text(tx, row)} already: take that back on Home first, or choose other hours."
            )


def _overlaps(shift: Shift, leave: Leave) -> bool:
    return leave.begins < shift.ends and (leave.ends is None or shift.begins < leave.ends)


def _notify(tx: Transaction, row: ShiftEntry, by: str, said: str, theirs: str) -> None:
    """The leads of the person read it, and the person where somebody else did it."""
    for lead in presence.leads_of_person(tx, row.person, by):
        outbox.notify_person(tx, lead, number=None, text=f"{said} (said by <@{by}>).")
    if by != row.person:
        outbox.notify_person(tx, row.person, number=None, text=theirs)
