"""People say where they are: here, on a break, busy, off work, or away for a time; leads say it for their people."""

from dataclasses import replace
from datetime import datetime

from rules.config.validation import did_you_mean
from rules.errors import Refused
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_anywhere, roles_towards
from rules.presence.leave import LeavePeriod, check_leave, first_overlapping_leave, leave_period_text
from rules.presence.presence import Leave, Presence, PresenceAction, PresenceStatus, check_presence_action
from rules.text import is_blank
from services.notifications.recipients import leads_to_notify
from services.presence import board
from storage.outbox import outbox
from storage.presence.board import overdue_counts
from storage.presence.presence import add_leave, current_leave_entries, find_leave, presence_of, save_presence_action
from storage.schema.people import LeaveEntry
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction

MAX_ACTIVITY_LENGTH = 75


class LeaveOver(Refused):
    """The entry was taken back meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That leave was taken back already, or is over.")


def set_presence(tx: Transaction, *, by: str, what: PresenceAction, activity: str = "") -> str:
    """Somebody logs in or out, goes on a break or is busy; what they are now. What they are already changes nothing."""
    check_staff(tx.policy, by)
    if what is PresenceAction.ACTIVITY:
        activity = parse_activity(tx.policy, by, activity)
    check_presence_action(_current_presence(tx, by), what, activity, work_timezone(tx.policy, by))
    save_presence_action(tx, by, what, activity=activity)
    board.update_boards_of(tx, by)
    return _presence_text(what, activity)


def enter_leave(tx: Transaction, person: str, span: LeavePeriod, *, by: str) -> int:
    """Time away is entered, by the person or by who leads them; the number of the entry.

    Leave that runs now gets the new end: what was entered before ends where the new entry begins. Refused where it lies
    over other leave. Their leads read how much they hold.
    """
    check_may_enter(tx.policy, person, by)
    check_leave(span, tx.now, work_timezone(tx.policy, person))
    entries = _leave_entries(tx, person)
    running = next((row for row in entries if _changes_running(row, span, tx.now)), None)
    known = [Leave(row.begins, row.ends, row.kind) for row in entries if row is not running]
    if (other := first_overlapping_leave(span, known)) is not None:
        raise Refused(_overlap_text(tx, person, other, by))
    did, words = "will be away", ""
    if running is not None:
        did, words = "stays away", f" instead of {leave_entry_text(tx, running)}"
        span = replace(span, begins=max(span.begins, tx.now))
        running.ends = span.begins
    row = add_leave(tx, person, span, by=by)
    row.handed_at = running.handed_at if running is not None else None
    _notify(tx, row, by=by, did=did, words=leave_entry_text(tx, row) + words)
    board.update_boards_of(tx, person)
    return row.id


def return_to_work(tx: Transaction, person: str, *, by: str) -> str:
    """Whoever was away, on a break or busy is here again; what they are now."""
    check_may_enter(tx.policy, person, by)
    stands = _current_presence(tx, person)
    now_away = [row for row in _leave_entries(tx, person) if row.begins <= tx.now]
    for row in now_away:
        row.ends = tx.now
        _notify(tx, row, by=by, did="is back")
    after = _current_presence(tx, person)
    if after.status is PresenceStatus.AWAY:
        raise Refused("desk.yml says that today is a day off: whoever runs the desk takes it out of `away:` there.")
    if not now_away and stands.status is PresenceStatus.AT_WORK:
        raise Refused(_already_here_text(tx, person, by))
    if person == by:
        save_presence_action(tx, person, PresenceAction.IN)
    board.update_boards_of(tx, person)
    return _presence_text(PresenceAction.IN, "") if person == by else f"<@{person}> is not away any more."


def cancel_leave(tx: Transaction, person: str, id_: int, *, by: str) -> str:
    """Leave is taken back: as if it had not been entered, or, where it has begun, it ends now."""
    check_may_enter(tx.policy, person, by)
    row = find_leave(tx, person, id_)
    if row is None or row.cancelled_at is not None or (row.ends is not None and row.ends <= tx.now):
        raise LeaveOver
    words = leave_entry_text(tx, row)
    if row.begins <= tx.now:
        row.ends = tx.now
    else:
        row.cancelled_at = tx.now
    _notify(tx, row, by=by, did="is not away", words=words)
    board.update_boards_of(tx, person)
    return f"Taken back: the leave {words}."


def check_staff(policy: Policy, person: str) -> None:
    """NotAllowed for who neither works nor leads here."""
    if not is_allowed(Permission.SET_PRESENCE, roles_anywhere(policy, person)):
        raise NotAllowed(Permission.SET_PRESENCE)


def check_may_enter(policy: Policy, person: str, by: str) -> None:
    """NotAllowed unless it is their own, or they lead the person."""
    if person == by:
        check_staff(policy, by)
        return
    teams = [team for team in policy.teams.values() if person in team.people]
    if not is_allowed(Permission.ENTER_LEAVE_FOR_OTHERS, roles_towards(policy, by, teams=[team.key for team in teams])):
        raise NotAllowed(Permission.ENTER_LEAVE_FOR_OTHERS, [team.name for team in teams])
    if not is_allowed(Permission.SET_PRESENCE, roles_anywhere(policy, person)):
        raise Refused(f"<@{person}> is not of this desk: leave and shifts are kept for its people alone.")


def team_activities(policy: Policy, person: str) -> list[str]:
    """What the person's teams are busy with, besides tickets."""
    teams = (team for team in policy.teams.values() if person in team.people)
    return list(dict.fromkeys(one for team in teams for one in team.activities))


def parse_activity(policy: Policy, person: str, words: str) -> str:
    """The activity as desk.yml writes it; where it describes none, what was written."""
    known = {one.casefold(): one for one in team_activities(policy, person)}
    named = " ".join(words.split())
    told = f" Known: {', '.join(known.values())}." if known else " Write `/desk busy meeting`."
    if is_blank(named):
        raise Refused(f"Busy with what?{told}")
    if known and named.casefold() not in known:
        raise Refused(f"`{named}` is no activity here.{did_you_mean(named.casefold(), known) or told}")
    return known.get(named.casefold(), named[:MAX_ACTIVITY_LENGTH])


def work_timezone(policy: Policy, person: str) -> str:
    """The zone whose clock counts for the person."""
    return policy.person_calendar(person, policy.first_team_of(person)).timezone


def leave_entry_text(tx: Transaction, row: LeaveEntry) -> str:
    """From when until when, by the person's own clock."""
    return leave_text(tx, row.person, Leave(row.begins, row.ends))


def leave_text(tx: Transaction, person: str, leave: Leave) -> str:
    """The same of leave that is not a row."""
    return leave_period_text(leave.begins, leave.ends, tx.now, work_timezone(tx.policy, person))


def leads_of_person(tx: Transaction, person: str, by: str) -> list[str]:
    """Who has to know of it: those who lead the person, but not who did it."""
    teams = [team for team in tx.policy.teams.values() if person in team.people]
    found = [lead for team in teams for lead in leads_to_notify(tx, team, excluding=person)]
    return [lead for lead in dict.fromkeys(found) if lead not in (by, person)]


def _current_presence(tx: Transaction, person: str) -> Presence:
    team = tx.policy.first_team_of(person)
    return presence_of(tx, person, policy=tx.policy, at=tx.now, team=team)


def _leave_entries(tx: Transaction, person: str) -> list[LeaveEntry]:
    return list(current_leave_entries(tx, [person], at=tx.now))


def _changes_running(row: LeaveEntry, span: LeavePeriod, now: datetime) -> bool:
    """Whether the span gives leave that runs now another end or kind; from a later day on it can only prolong it."""
    if row.begins > now or not span.overlaps(Leave(row.begins, row.ends)):
        return False
    if span.begins <= now:
        return (span.ends, str(span.kind)) != (row.ends, row.kind)
    return row.ends is not None and (span.ends is None or span.ends > row.ends)


def _notify(tx: Transaction, row: LeaveEntry, *, by: str, did: str, words: str = "") -> None:
    """The leads of the person read it, and what it leaves with them; the person does where somebody else did it."""
    words = words or leave_entry_text(tx, row)
    said = f"<@{row.person}> {did}" + ("" if did == "is back" else f" {words} ({row.kind}, entered by <@{by}>)")
    if did == "is not away":
        said = f"<@{row.person}> is not away after all: <@{by}> took the leave {words} back"
    for lead in leads_of_person(tx, row.person, by):
        outbox.notify_person(tx, lead, number=None, text=f"{said}. {_open_work_text(tx, row.person)}", quote=row.reason)
    if by != row.person:
        did = _TEXT_FOR_PERSON[did]
        outbox.notify_person(
            tx, row.person, number=None, text=f"<@{by}> {did}: {words} ({row.kind}).", quote=row.reason
        )


_TEXT_FOR_PERSON = {
    "will be away": "entered leave for you",
    "stays away": "changed your leave",
    "is back": "ended your leave",
    "is not away": "took your leave back",
}


def _open_work_text(tx: Transaction, person: str) -> str:
    many = open_counts(tx, [person])[person]
    late = overdue_counts(tx, [person], at=tx.now).get(person, 0)
    holds = "no open ticket" if not many else "1 open ticket" if many == 1 else f"{many} open tickets"
    return f"They hold {holds}" + (f", {late} overdue." if late else ".")


def _overlap_text(tx: Transaction, person: str, other: Leave, by: str) -> str:
    words = leave_text(tx, person, other)
    who = "You are" if person == by else f"<@{person}> is"
    take_back = "`/desk back` ends it" if other.begins <= tx.now else "take it back on Home"
    return f"{who} away already {words} ({other.kind}): {take_back}, or choose other days."


def _already_here_text(tx: Transaction, person: str, by: str) -> str:
    who = "You are" if person == by else f"<@{person}> is"
    coming = [leave_entry_text(tx, row) for row in _leave_entries(tx, person)]
    stands = f" The leave {coming[0]} stands; it is taken back on Home." if coming else ""
    return f"{who} here already.{stands}"


def _presence_text(what: PresenceAction, activity: str) -> str:
    words = {
        PresenceAction.IN: "You are here now.",
        PresenceAction.OUT: "You are off work now.",
        PresenceAction.BREAK: "You are on a break now.",
    }
    return f"You are busy with {activity} now." if what is PresenceAction.ACTIVITY else words[what]
