"""People set where they are: at work, on a break, busy, off work, or on leave; leads set leave for them."""

from dataclasses import replace
from datetime import date, datetime

from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_anywhere
from rules.presence.leave import (
    LeavePeriod,
    check_leave,
    first_overlapping_leave,
    leave_kind_label,
    leave_period_text,
)
from rules.presence.presence import (
    Leave,
    Presence,
    PresenceAction,
    PresenceStatus,
    check_presence_action,
    periods_overlap,
)
from rules.text import Code, Person, Text, _, ngettext
from rules.typed_text import closest_word, is_blank
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


class LeaveChange(LabelledEnum):
    """What became of a leave; the label follows the name of the person who did it."""

    ENTERED = "entered", _("entered leave for you")
    CHANGED = "changed", _("changed your leave")
    ENDED = "ended", _("ended your leave")
    CANCELLED = "cancelled", _("canceled your leave")


class LeaveOver(Refused):
    """The entry was cancelled meanwhile, or is over."""

    def __init__(self) -> None:
        super().__init__(_("That leave was already canceled, or is over."))


def set_presence(tx: Transaction, *, by: str, what: PresenceAction, activity: str = "") -> Text:
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
    change, before = LeaveChange.ENTERED, None
    if running is not None:
        change, before = LeaveChange.CHANGED, leave_entry_text(tx, running)
        span = replace(span, begins=max(span.begins, tx.now))
        running.ends = span.begins
    row = add_leave(tx, person, span, by=by)
    row.handed_at = running.handed_at if running is not None else None
    _notify(tx, row, leave_entry_text(tx, row), by=by, change=change, before=before)
    board.update_boards_of(tx, person)
    return row.id


def return_to_work(tx: Transaction, person: str, *, by: str) -> Text:
    check_may_enter(tx.policy, person, by)
    presence = _current_presence(tx, person)
    running = [row for row in _leave_entries(tx, person) if row.begins <= tx.now]
    for row in running:
        row.ends = tx.now
        _notify(tx, row, leave_entry_text(tx, row), by=by, change=LeaveChange.ENDED)
    after = _current_presence(tx, person)
    if after.status is PresenceStatus.AWAY:
        key = Code("away:")
        raise Refused(_("desk.yml lists today as a day off. Ask an admin to remove it from {key} there.", key=key))
    if not running and presence.status is PresenceStatus.AT_WORK:
        raise Refused(_already_here_text(tx, person, by))
    if person == by:
        save_presence_action(tx, person, PresenceAction.IN)
    board.update_boards_of(tx, person)
    if person == by:
        return _presence_text(PresenceAction.IN, "")
    return _("{person} is no longer away.", person=Person(person))


def cancel_leave(tx: Transaction, person: str, id_: int, *, by: str) -> Text:
    """Leave that has begun ends now, later leave is removed."""
    check_may_enter(tx.policy, person, by)
    row = find_current_entry(tx, LeaveEntry, person, id_)
    if row is None:
        raise LeaveOver
    period = leave_entry_text(tx, row)
    end_entry(tx, row)
    _notify(tx, row, period, by=by, change=LeaveChange.CANCELLED)
    board.update_boards_of(tx, person)
    return _("Leave canceled: {period}.", period=period)


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
        sentence = _(
            "{person} is in no team of this desk, so they have no leave or shifts here.", person=Person(person)
        )
        raise Refused(sentence)


def team_activities(policy: Policy, person: str) -> list[str]:
    teams = (team for team in policy.teams.values() if person in team.people)
    return list(dict.fromkeys(activity for team in teams for activity in team.activities))


def parse_activity(policy: Policy, person: str, words: str) -> str:
    """The activity as desk.yml writes it; where it lists none, as typed."""
    activities = {name.casefold(): name for name in team_activities(policy, person)}
    activity = " ".join(words.split())
    if activities:
        hint = _("Activities: {names}.", names=", ".join(activities.values()))
    else:
        hint = _("Write {example}.", example=Code("/desk busy meeting"))
    if is_blank(activity):
        raise Refused(_("Busy with what? {hint}", hint=hint))
    if activities and activity.casefold() not in activities:
        guess = closest_word(activity.casefold(), activities)
        meant = _("Did you mean {guess}?", guess=Code(activities[guess])) if guess else hint
        raise Refused(_("{activity} isn't an activity here. {hint}", activity=Code(activity), hint=meant))
    return activities.get(activity.casefold(), activity[:MAX_ACTIVITY_LENGTH])


def work_timezone(policy: Policy, person: str) -> str:
    return policy.person_calendar(person, policy.first_team_of(person)).timezone


def work_today(tx: Transaction, person: str) -> date:
    return local_date(tx.now, work_timezone(tx.policy, person))


def leave_entry_text(tx: Transaction, row: LeaveEntry) -> Text:
    return leave_text(tx, row.person, Leave(row.begins, row.ends))


def leave_text(tx: Transaction, person: str, leave: Leave) -> Text:
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


def notify_of_entry(tx: Transaction, row: TimeEntry, by: str, for_leads: Text, for_person: Text) -> None:
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


def _notify(
    tx: Transaction, row: LeaveEntry, period: Text, *, by: str, change: LeaveChange, before: Text | None = None
) -> None:
    what = _change_text(row, period, by=by, change=change, before=before)
    for_leads = _("{change} {open_work}", change=what, open_work=_open_work_text(tx, row.person))
    sentence = _(
        "{person} {change}: {period} ({kind}).",
        person=Person(by),
        change=change.label,
        period=period,
        kind=leave_kind_label(row.kind),
    )
    if before is not None:
        sentence = _("{change} Before: {before}.", change=sentence, before=before)
    notify_of_entry(tx, row, by, for_leads, sentence)


def _change_text(row: LeaveEntry, period: Text, *, by: str, change: LeaveChange, before: Text | None) -> Text:
    person, kind, author = Person(row.person), leave_kind_label(row.kind), Person(by)
    if change is LeaveChange.ENDED:
        return _("{person} is back.", person=person)
    if change is LeaveChange.CANCELLED:
        return _(
            "{person} is not away {period} after all: leave canceled by {by}.", person=person, period=period, by=author
        )
    entered = _(
        "{person} will be away {period} ({kind}, entered by {by}).", person=person, period=period, kind=kind, by=author
    )
    return entered if before is None else _("{change} Before: {before}.", change=entered, before=before)


def _open_work_text(tx: Transaction, person: str) -> Text:
    count = open_counts(tx, [person])[person]
    breached = overdue_counts(tx, [person], at=tx.now).get(person, 0)
    if not count:
        return _("No open tickets are assigned to them.")
    if not breached:
        return ngettext("{n} open ticket is assigned to them.", "{n} open tickets are assigned to them.", count)
    return ngettext(
        "{n} open ticket is assigned to them ({breached} breached).",
        "{n} open tickets are assigned to them ({breached} breached).",
        count,
        breached=breached,
    )


def _overlap_text(tx: Transaction, person: str, overlapping: Leave, by: str) -> Text:
    period, kind = leave_text(tx, person, overlapping), leave_kind_label(overlapping.kind)
    if overlapping.begins <= tx.now:
        remedy = _("End it with {command}, or choose other days.", command=Code("/desk back"))
    else:
        remedy = _("Cancel it on Home, or choose other days.")
    if person == by:
        return _("You are already away {period} ({kind}). {remedy}", period=period, kind=kind, remedy=remedy)
    return _(
        "{person} is already away {period} ({kind}). {remedy}",
        person=Person(person),
        period=period,
        kind=kind,
        remedy=remedy,
    )


def _already_here_text(tx: Transaction, person: str, by: str) -> Text:
    here = _("You are already here.") if person == by else _("{person} is already here.", person=Person(person))
    upcoming = [leave_entry_text(tx, row) for row in _leave_entries(tx, person)]
    if not upcoming:
        return here
    return _("{here} The leave {period} stays. You can cancel it on Home.", here=here, period=upcoming[0])


def _presence_text(action: PresenceAction, activity: str) -> Text:
    texts = {
        PresenceAction.IN: _("You are here now."),
        PresenceAction.OUT: _("You are off work now."),
        PresenceAction.BREAK: _("You are on a break now."),
        PresenceAction.ACTIVITY: _("You are busy with {activity} now.", activity=activity),
    }
    return texts[action]
