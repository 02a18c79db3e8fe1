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
from storage.transaction import Work


class OldShift(DeskError):
    """The shift was taken back meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That shift was taken back already, or is over.")


def enter(work: Work, person: str, shift: Shift, *, by: str) -> int:
    """A shift is entered, by the person or by who leads them; the number of the entry. Their leads read it.

    Refused where it lies over leave, or over another shift of theirs; over the hours of their calendar it may lie.
    """
    presence.may_enter(work.policy, person, by)
    check(shift, work.now, presence.place_of(work.policy, person))
    _not_away(work, person, shift, by)
    _not_twice(work, person, shift, by)
    row = add_shift(work, person, shift, by=by)
    words = words_of(work, row)
    _tell(work, row, by, f"<@{person}> works on {words}", f"<@{by}> entered a shift for you: {words}.")
    board.show_where(work, person)
    return row.id


def cancel(work: Work, person: str, id_: int, *, by: str) -> str:
    """A shift is taken back: as if it had not been entered, or, where it has begun, it ends now."""
    presence.may_enter(work.policy, person, by)
    row = own_shift(work.session, work.workspace, person, id_)
    if row is None or row.cancelled_at is not None or row.ends <= work.now:
        raise OldShift
    words = words_of(work, row)
    if row.begins < work.now:
        row.ends = work.now
    else:
        row.cancelled_at = work.now
    _tell(work, row, by, f"<@{person}> does not work on {words} after all", f"<@{by}> took your shift back: {words}.")
    board.show_where(work, person)
    return f"Taken back: the shift {words}."


def words_of(work: Work, row: OwnShift) -> str:
    """Its day and times, by the person's own clock."""
    return spoken(row.begins, row.ends, work.now, presence.place_of(work.policy, row.person))


def _not_away(work: Work, person: str, shift: Shift, by: str) -> None:
    """DeskError where they are away then, by what was entered or by desk.yml."""
    place = presence.place_of(work.policy, person)
    who = "You are" if person == by else f"<@{person}> is"
    for leave in leaves_of(work.session, work.workspace, [person], at=work.now)[person]:
        if _overlap(shift, leave):
            words = presence.leave_words(work, person, leave)
            raise DeskError(f"{who} away {words} ({leave.kind}): take that back on Home first, or choose another day.")
    day = shift.begins.astimezone(zone(place)).date()
    if work.policy.people.get(person, Availability()).is_away(day):
        raise DeskError(f"{who} away on {day} by desk.yml: whoever runs the desk takes it out of `away:` there.")


def _not_twice(work: Work, person: str, shift: Shift, by: str) -> None:
    who = "You work" if person == by else f"<@{person}> works"
    for row in standing(work.session, work.workspace, [person], at=work.now):
        if shift.begins < row.ends and row.begins < shift.ends:
            raise DeskError(
                f"{who} on {words_of(work, row)} already: take that back on Home first, or choose other hours."
            )


def _overlap(shift: Shift, leave: Leave) -> bool:
    return leave.begins < shift.ends and (leave.ends is None or shift.begins < leave.ends)


def _tell(work: Work, row: OwnShift, by: str, said: str, theirs: str) -> None:
    """The leads of the person read it, and the person where somebody else did it."""
    for lead in presence.leads_told(work, row.person, by):
        outbox.notice(work, lead, number=None, words=f"{said} (said by <@{by}>).")
    if by != row.person:
        outbox.notice(work, row.person, number=None, words=theirs)
