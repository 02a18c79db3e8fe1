"""People say where they are: here, on a break, busy, off work, or away for a time; leads say it for their people."""

from dataclasses import replace
from datetime import datetime

from rules.config.validation import did_you_mean
from rules.errors import DeskError
from rules.model.policy import Policy
from rules.people.permissions import Deed, NotAllowed, allowed, desk_roles, roles
from rules.presence.leave import Span, check, first_overlap, spoken
from rules.presence.presence import Here, Leave, Presence, Press, pressable
from rules.text import blank
from services.notifications.recipients import leads_called
from services.presence import board
from storage.outbox import outbox
from storage.presence.board import overdue_counts
from storage.presence.presence import absence, add_absence, keep_press, presence_of, standing
from storage.schema.people import Absence
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction

LONGEST_ACTIVITY = 75


class OldLeave(DeskError):
    """The entry was taken back meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That leave was taken back already, or is over.")


def press(tx: Transaction, *, by: str, what: Press, activity: str = "") -> str:
    """Somebody logs in or out, goes on a break or is busy; what they are now. What they are already changes nothing."""
    of_the_desk(tx.policy, by)
    if what is Press.ACTIVITY:
        activity = activity_named(tx.policy, by, activity)
    pressable(_stands(tx, by), what, activity, place_of(tx.policy, by))
    keep_press(tx, by, what, activity=activity)
    board.show_where(tx, by)
    return _are(what, activity)


def away(tx: Transaction, person: str, span: Span, *, by: str) -> int:
    """Time away is entered, by the person or by who leads them; the number of the entry.

    Leave that runs now gets the new end: what was entered before ends where the new entry begins. Refused where it lies
    over other leave. Their leads read how much they hold.
    """
    may_enter(tx.policy, person, by)
    check(span, tx.now, place_of(tx.policy, person))
    entries = _entries(tx, person)
    running = next((row for row in entries if _is_changed(row, span, tx.now)), None)
    known = [Leave(row.begins, row.ends, row.kind) for row in entries if row is not running]
    if (other := first_overlap(span, known)) is not None:
        raise DeskError(_overlapping(tx, person, other, by))
    did, words = "will be away", ""
    if running is not None:
        did, words = "stays away", f" instead of {span_words(tx, running)}"
        span = replace(span, begins=max(span.begins, tx.now))
        running.ends = span.begins
    row = add_absence(tx, person, span, by=by)
    row.handed_at = running.handed_at if running is not None else None
    _tell(tx, row, by=by, did=did, words=span_words(tx, row) + words)
    board.show_where(tx, person)
    return row.id


def back(tx: Transaction, person: str, *, by: str) -> str:
    """Whoever was away, on a break or busy is here again; what they are now."""
    may_enter(tx.policy, person, by)
    stands = _stands(tx, person)
    now_away = [row for row in _entries(tx, person) if row.begins <= tx.now]
    for row in now_away:
        row.ends = tx.now
        _tell(tx, row, by=by, did="is back")
    after = _stands(tx, person)
    if after.here is Here.AWAY:
        raise DeskError("desk.yml says that today is a day off: whoever runs the desk takes it out of `away:` there.")
    if not now_away and stands.here is Here.AT_WORK:
        raise DeskError(_here_already(tx, person, by))
    if person == by:
        keep_press(tx, person, Press.IN)
    board.show_where(tx, person)
    return _are(Press.IN, "") if person == by else f"<@{person}> is not away any more."


def cancel(tx: Transaction, person: str, id_: int, *, by: str) -> str:
    """Leave is taken back: as if it had not been entered, or, where it has begun, it ends now."""
    may_enter(tx.policy, person, by)
    row = absence(tx, person, id_)
    if row is None or row.cancelled_at is not None or (row.ends is not None and row.ends <= tx.now):
        raise OldLeave
    words = span_words(tx, row)
    if row.begins <= tx.now:
        row.ends = tx.now
    else:
        row.cancelled_at = tx.now
    _tell(tx, row, by=by, did="is not away", words=words)
    board.show_where(tx, person)
    return f"Taken back: the leave {words}."


def of_the_desk(policy: Policy, person: str) -> None:
    """NotAllowed for who neither works nor leads here."""
    if not allowed(Deed.PRESENCE, desk_roles(policy, person)):
        raise NotAllowed(Deed.PRESENCE)


def may_enter(policy: Policy, person: str, by: str) -> None:
    """NotAllowed unless it is their own, or they lead the person."""
    if person == by:
        of_the_desk(policy, by)
        return
    teams = [team for team in policy.teams.values() if person in team.people]
    if not allowed(Deed.LEAVE_FOR, roles(policy, by, teams=[team.key for team in teams])):
        raise NotAllowed(Deed.LEAVE_FOR, [team.name for team in teams])
    if not allowed(Deed.PRESENCE, desk_roles(policy, person)):
        raise DeskError(f"<@{person}> is not of this desk: leave and shifts are kept for its people alone.")


def activities_of(policy: Policy, person: str) -> list[str]:
    """What the person's teams are busy with, besides tickets."""
    teams = (team for team in policy.teams.values() if person in team.people)
    return list(dict.fromkeys(one for team in teams for one in team.activities))


def activity_named(policy: Policy, person: str, words: str) -> str:
    """The activity as desk.yml writes it; where it describes none, what was written."""
    known = {one.casefold(): one for one in activities_of(policy, person)}
    named = " ".join(words.split())
    told = f" Known: {', '.join(known.values())}." if known else " Write `/desk busy meeting`."
    if blank(named):
        raise DeskError(f"Busy with what?{told}")
    if known and named.casefold() not in known:
        raise DeskError(f"`{named}` is no activity here.{did_you_mean(named.casefold(), known) or told}")
    return known.get(named.casefold(), named[:LONGEST_ACTIVITY])


def place_of(policy: Policy, person: str) -> str:
    """The zone whose clock counts for the person."""
    return policy.calendar_for(person, policy.team_of(person)).timezone


def span_words(tx: Transaction, row: Absence) -> str:
    """From when until when, by the person's own clock."""
    return leave_words(tx, row.person, Leave(row.begins, row.ends))


def leave_words(tx: Transaction, person: str, leave: Leave) -> str:
    """The same of leave that is not a row."""
    return spoken(leave.begins, leave.ends, tx.now, place_of(tx.policy, person))


def leads_told(tx: Transaction, person: str, by: str) -> list[str]:
    """Who has to know of it: those who lead the person, but not who did it."""
    teams = [team for team in tx.policy.teams.values() if person in team.people]
    found = [lead for team in teams for lead in leads_called(tx, team, but=person)]
    return [lead for lead in dict.fromkeys(found) if lead not in (by, person)]


def _stands(tx: Transaction, person: str) -> Presence:
    team = tx.policy.team_of(person)
    return presence_of(tx, person, policy=tx.policy, at=tx.now, team=team)


def _entries(tx: Transaction, person: str) -> list[Absence]:
    return list(standing(tx, [person], at=tx.now))


def _is_changed(row: Absence, span: Span, now: datetime) -> bool:
    """Whether the span gives leave that runs now another end or kind; from a later day on it can only prolong it."""
    if row.begins > now or not span.overlaps(Leave(row.begins, row.ends)):
        return False
    if span.begins <= now:
        return (span.ends, str(span.kind)) != (row.ends, row.kind)
    return row.ends is not None and (span.ends is None or span.ends > row.ends)


def _tell(tx: Transaction, row: Absence, *, by: str, did: str, words: str = "") -> None:
    """The leads of the person read it, and what it leaves with them; the person does where somebody else did it."""
    words = words or span_words(tx, row)
    said = f"<@{row.person}> {did}" + ("" if did == "is back" else f" {words} ({row.kind}, entered by <@{by}>)")
    if did == "is not away":
        said = f"<@{row.person}> is not away after all: <@{by}> took the leave {words} back"
    for lead in leads_told(tx, row.person, by):
        outbox.notice(tx, lead, number=None, words=f"{said}. {_held(tx, row.person)}", quote=row.reason)
    if by != row.person:
        did = _DONE_FOR[did]
        outbox.notice(tx, row.person, number=None, words=f"<@{by}> {did}: {words} ({row.kind}).", quote=row.reason)


_DONE_FOR = {
    "will be away": "entered leave for you",
    "stays away": "changed your leave",
    "is back": "ended your leave",
    "is not away": "took your leave back",
}


def _held(tx: Transaction, person: str) -> str:
    many = open_counts(tx, [person])[person]
    late = overdue_counts(tx, [person], at=tx.now).get(person, 0)
    holds = "no open ticket" if not many else "1 open ticket" if many == 1 else f"{many} open tickets"
    return f"They hold {holds}" + (f", {late} overdue." if late else ".")


def _overlapping(tx: Transaction, person: str, other: Leave, by: str) -> str:
    words = leave_words(tx, person, other)
    who = "You are" if person == by else f"<@{person}> is"
    take_back = "`/desk back` ends it" if other.begins <= tx.now else "take it back on Home"
    return f"{who} away already {words} ({other.kind}): {take_back}, or choose other days."


def _here_already(tx: Transaction, person: str, by: str) -> str:
    who = "You are" if person == by else f"<@{person}> is"
    coming = [span_words(tx, row) for row in _entries(tx, person)]
    stands = f" The leave {coming[0]} stands; it is taken back on Home." if coming else ""
    return f"{who} here already.{stands}"


def _are(what: Press, activity: str) -> str:
    words = {
        Press.IN: "You are here now.",
        Press.OUT: "You are off work now.",
        Press.BREAK: "You are on a break now.",
    }
    return f"You are busy with {activity} now." if what is Press.ACTIVITY else words[what]
