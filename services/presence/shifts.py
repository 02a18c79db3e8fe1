"""People say that they work beside their calendar; leads say it for their people."""

from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.model.people import Availability
from rules.presence.presence import Leave
from rules.presence.shift_parsing import check, spoken
from rules.presence.shifts import Shift
from services.presence import board, presence
from storage.outbox import outbox
from storage.presence.presence import leaves_of
from storage.presence.shifts import add_shift, own_shift, standing
from storage.schema.people import OwnShift
from storage.transaction import Transaction


class OldShift(DeskError):
    """The shift was taken back meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That shift was taken back already, or is over.")


def enter(tx: Transaction, person: str, shift: Shift, *, by: str) -> int:
    """A shift is entered, by the person or by who leads them; the number of the entry. Their leads read it.

    Refused where it lies over leave, or over another shift of theirs; over the hours of their calendar it may lie.
    """
    presence.may_enter(tx.policy, person, by)
    check(shift, tx.now, presence.place_of(tx.policy, person))
    _not_away(tx, person, shift, by)
    _not_twice(tx, person, shift, by)
    row = add_shift(tx, person, shift, by=by)
    words = words_of(tx, row)
    _tell(tx, row, by, f"<@{person}> works on {words}", f"<@{by}> entered a shift for you: {words}.")
    board.show_where(tx, person)
    return row.id


def cancel(tx: Transaction, person: str, id_: int, *, by: str) -> str:
    """A shift is taken back: as if it had not been entered, or, where it has begun, it ends now."""
    presence.may_enter(tx.policy, person, by)
    row = own_shift(tx, person, id_)
    if row is None or row.cancelled_at is not None or row.ends <= tx.now:
        raise OldShift
    words = words_of(tx, row)
    if row.begins < tx.now:
        row.ends = tx.now
    else:
        row.cancelled_at = tx.now
    _tell(tx, row, by, f"<@{person}> does not work on {words} after all", f"<@{by}> took your shift back: {words}.")
    board.show_where(tx, person)
    return f"Taken back: the shift {words}."


def words_of(tx: Transaction, row: OwnShift) -> str:
    """Its day and times, by the person's own clock."""
    return spoken(row.begins, row.ends, tx.now, presence.place_of(tx.policy, row.person))


def _not_away(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    """DeskError where they are away then, by what was entered or by desk.yml."""
    place = presence.place_of(tx.policy, person)
    who = "You are" if person == by else f"<@{person}> is"
    for leave in leaves_of(tx, [person], at=tx.now)[person]:
        if _overlap(shift, leave):
            words = presence.leave_words(tx, person, leave)
            raise DeskError(f"{who} away {words} ({leave.kind}): take that back on Home first, or choose another day.")
    day = shift.begins.astimezone(zone(place)).date()
    if tx.policy.people.get(person, Availability()).is_away(day):
        raise DeskError(f"{who} away on {day} by desk.yml: whoever runs the desk takes it out of `away:` there.")


def _not_twice(tx: Transaction, person: str, shift: Shift, by: str) -> None:
    who = "You work" if person == by else f"<@{person}> works"
    for row in standing(tx, [person], at=tx.now):
        if shift.begins < row.ends and row.begins < shift.ends:
            raise DeskError(
                f"{who} on {words_of(tx, row)} already: take that back on Home first, or choose other hours."
            )


def _overlap(shift: Shift, leave: Leave) -> bool:
    return leave.begins < shift.ends and (leave.ends is None or shift.begins < leave.ends)


def _tell(tx: Transaction, row: OwnShift, by: str, said: str, theirs: str) -> None:
    """The leads of the person read it, and the person where somebody else did it."""
    for lead in presence.leads_told(tx, row.person, by):
        outbox.notice(tx, lead, number=None, words=f"{said} (said by <@{by}>).")
    if by != row.person:
        outbox.notice(tx, row.person, number=None, words=theirs)
