"""People set where they are: at work, on a break, busy, off work, or on leave; leads set leave for them."""

from dataclasses import replace
from datetime import datetime

from rules.errors import Refused
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_anywhere
from rules.presence.leave import LeavePeriod, check_leave, first_overlapping_leave, leave_period_text
from rules.presence.presence import (
    Leave,
    Presence,
    PresenceAction,
    PresenceStatus,
    check_presence_action,
    periods_overlap,
)
from rules.typed_text import closest_word, did_you_mean, is_blank
from services.notifications.recipients import leads_to_notify
from services.permissions import require_in_teams
from services.presence import board
from storage.outbox import outbox
from storage.presence.board import overdue_counts
from storage.presence.presence import presence_of, save_presence_action
from storage.presence.time_entries import E, add_leave, current_entries, end_entry, find_entry
from storage.schema.people import LeaveEntry, TimeEntry
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction

MAX_ACTIVITY_LENGTH = 75


class LeaveOver(Refused):
    """The entry was cancelled meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__("That leave was taken back already, or is over.")


def set_presence(tx: Transaction, *, by: str, what: PresenceAction, activity: str = "") -> str:
    """The new status as a sentence. Refused where it would change nothing."""
    check_staff(tx.policy, by)
    if what is PresenceAction.ACTIVITY:
        activity = parse_activity(tx.policy, by, activity)
    check_presence_action(_current_presence(tx, by), what, activity, work_timezone(tx.policy, by))
    save_presence_action(tx, by, what, activity=activity)
    board.update_boards_of(tx, by)
    return _presence_text(what, activity)


def enter_leave(tx: Transaction, person: str, span: LeavePeriod, *, by: str) -> int:
    """Enters leave; the id of the entry.

    When leave is running already, the new entry replaces its rest. Refused where it overlaps other leave. The person's
    leads read how much open work they have.
    """
    check_may_enter(tx.policy, person, by)
    check_leave(span, tx.now, work_timezone(tx.policy, person))
    entries = _leave_entries(tx, person)
    running = next((row for row in entries if _changes_running(row, span, tx.now)), None)
    other_leave = [Leave(row.begins, row.ends, row.kind) for row in entries if row is not running]
    if (overlapping := first_overlapping_leave(span, other_leave)) is not None:
        raise Refused(_overlap_text(tx, person, overlapping, by))
    action, suffix = "will be away", ""
    if running is not None:
        action, suffix = "stays away", f" instead of {leave_entry_text(tx, running)}"
        span = replace(span, begins=max(span.begins, tx.now))
        running.ends = span.begins
    row = add_leave(tx, person, span, by=by)
    row.handed_at = running.handed_at if running is not None else None
    _notify(tx, row, by=by, action=action, period=leave_entry_text(tx, row) + suffix)
    board.update_boards_of(tx, person)
    return row.id


def return_to_work(tx: Transaction, person: str, *, by: str) -> str:
    check_may_enter(tx.policy, person, by)
    presence = _current_presence(tx, person)
    running = [row for row in _leave_entries(tx, person) if row.begins <= tx.now]
    for row in running:
        row.ends = tx.now
        _notify(tx, row, by=by, action="is back")
    after = _current_presence(tx, person)
    if after.status is PresenceStatus.AWAY:
        raise Refused("desk.yml says that today is a day off: whoever runs the desk takes it out of `away:` there.")
    if not running and presence.status is PresenceStatus.AT_WORK:
        raise Refused(_already_here_text(tx, person, by))
    if person == by:
        save_presence_action(tx, person, PresenceAction.IN)
    board.update_boards_of(tx, person)
    return _presence_text(PresenceAction.IN, "") if person == by else f"<@{person}> is not away any more."


def cancel_leave(tx: Transaction, person: str, id_: int, *, by: str) -> str:
    """Leave that has begun ends now, later leave is removed."""
    check_may_enter(tx.policy, person, by)
    row = find_current_entry(tx, LeaveEntry, person, id_)
    if row is None:
        raise LeaveOver
    words = leave_entry_text(tx, row)
    end_entry(tx, row)
    _notify(tx, row, by=by, action="is not away", period=words)
    board.update_boards_of(tx, person)
    return f"Taken back: the leave {words}."


def check_staff(policy: Policy, person: str) -> None:
    if not is_allowed(Permission.SET_PRESENCE, roles_anywhere(policy, person)):
        raise NotAllowed(Permission.SET_PRESENCE)


def check_may_enter(policy: Policy, person: str, by: str) -> None:
    if person == by:
        check_staff(policy, by)
        return
    teams = [team for team in policy.teams.values() if person in team.people]
    require_in_teams(policy, Permission.ENTER_LEAVE_FOR_OTHERS, by, [team.key for team in teams])
    if not is_allowed(Permission.SET_PRESENCE, roles_anywhere(policy, person)):
        raise Refused(f"<@{person}> is not of this desk: leave and shifts are kept for its people alone.")


def team_activities(policy: Policy, person: str) -> list[str]:
    teams = (team for team in policy.teams.values() if person in team.people)
    return list(dict.fromkeys(activity for team in teams for activity in team.activities))


def parse_activity(policy: Policy, person: str, words: str) -> str:
    """The activity as desk.yml writes it; where it lists none, as typed."""
    activities = {name.casefold(): name for name in team_activities(policy, person)}
    activity = " ".join(words.split())
    hint = f" Known: {', '.join(activities.values())}." if activities else " Write `/desk busy meeting`."
    if is_blank(activity):
        raise Refused(f"Busy with what?{hint}")
    if activities and activity.casefold() not in activities:
        guess = did_you_mean(closest_word(activity.casefold(), activities))
        raise Refused(f"`{activity}` is no activity here.{guess or hint}")
    return activities.get(activity.casefold(), activity[:MAX_ACTIVITY_LENGTH])


def work_timezone(policy: Policy, person: str) -> str:
    return policy.person_calendar(person, policy.first_team_of(person)).timezone


def leave_entry_text(tx: Transaction, row: LeaveEntry) -> str:
    return leave_text(tx, row.person, Leave(row.begins, row.ends))


def leave_text(tx: Transaction, person: str, leave: Leave) -> str:
    return leave_period_text(leave.begins, leave.ends, tx.now, work_timezone(tx.policy, person))


def leads_of_person(tx: Transaction, person: str, by: str) -> list[str]:
    teams = [team for team in tx.policy.teams.values() if person in team.people]
    leads = [lead for team in teams for lead in leads_to_notify(tx, team, excluding=person)]
    return [lead for lead in dict.fromkeys(leads) if lead not in (by, person)]


def find_current_entry(tx: Transaction, category: type[E], person: str, id_: int) -> E | None:
    """None when the entry was cancelled, or is over."""
    row = find_entry(tx, category, person, id_)
    is_current = row is not None and row.cancelled_at is None and (row.ends is None or row.ends > tx.now)
    return row if is_current else None


def notify_of_entry(tx: Transaction, row: TimeEntry, by: str, for_leads: str, for_person: str) -> None:
    """The person's leads read the change, and the person does where another person made it."""
    for lead in leads_of_person(tx, row.person, by):
        outbox.notify_person(tx, lead, text=for_leads, quote=row.reason)
    if by != row.person:
        outbox.notify_person(tx, row.person, text=for_person, quote=row.reason)


def _current_presence(tx: Transaction, person: str) -> Presence:
    team = tx.policy.first_team_of(person)
    return presence_of(tx, person, policy=tx.policy, at=tx.now, team=team)


def _leave_entries(tx: Transaction, person: str) -> list[LeaveEntry]:
    return list(current_entries(tx, LeaveEntry, [person], at=tx.now))


def _changes_running(row: LeaveEntry, span: LeavePeriod, now: datetime) -> bool:
    """Whether `span` gives running leave another end or kind; a span that begins later can only prolong it."""
    if row.begins > now or not periods_overlap(span, Leave(row.begins, row.ends)):
        return False
    if span.begins <= now:
        return (span.ends, str(span.kind)) != (row.ends, row.kind)
    return row.ends is not None and (span.ends is None or span.ends > row.ends)


def _notify(tx: Transaction, row: LeaveEntry, *, by: str, action: str, period: str = "") -> None:
    period = period or leave_entry_text(tx, row)
    details = "" if action == "is back" else f" {period} ({row.kind}, entered by <@{by}>)"
    summary = f"<@{row.person}> {action}{details}"
    if action == "is not away":
        summary = f"<@{row.person}> is not away after all: <@{by}> took the leave {period} back"
    for_leads = f"{summary}. {_open_work_text(tx, row.person)}"
    notify_of_entry(tx, row, by, for_leads, f"<@{by}> {_TEXT_FOR_PERSON[action]}: {period} ({row.kind}).")


_TEXT_FOR_PERSON = {
    "will be away": "entered leave for you",
    "stays away": "changed your leave",
    "is back": "ended your leave",
    "is not away": "took your leave back",
}


def _open_work_text(tx: Transaction, person: str) -> str:
    count = open_counts(tx, [person])[person]
    overdue = overdue_counts(tx, [person], at=tx.now).get(person, 0)
    open_work = "no open ticket" if not count else "1 open ticket" if count == 1 else f"{count} open tickets"
    return f"They hold {open_work}" + (f", {overdue} overdue." if overdue else ".")


def _overlap_text(tx: Transaction, person: str, overlapping: Leave, by: str) -> str:
    period = leave_text(tx, person, overlapping)
    subject = "You are" if person == by else f"<@{person}> is"
    take_back = "`/desk back` ends it" if overlapping.begins <= tx.now else "take it back on Home"
    return f"{subject} away already {period} ({overlapping.kind}): {take_back}, or choose other days."


def _already_here_text(tx: Transaction, person: str, by: str) -> str:
    subject = "You are" if person == by else f"<@{person}> is"
    upcoming = [leave_entry_text(tx, row) for row in _leave_entries(tx, person)]
    hint = f" The leave {upcoming[0]} stands; it is taken back on Home." if upcoming else ""
    return f"{subject} here already.{hint}"


def _presence_text(action: PresenceAction, activity: str) -> str:
    texts = {
        PresenceAction.IN: "You are here now.",
        PresenceAction.OUT: "You are off work now.",
        PresenceAction.BREAK: "You are on a break now.",
    }
    return f"You are busy with {activity} now." if action is PresenceAction.ACTIVITY else texts[action]
