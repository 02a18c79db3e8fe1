"""The presence board, a person's own presence on Home, and leave."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, escape_line, join, render
from rules.calendars.calendars import next_opening
from rules.calendars.timezones import time_zone
from rules.model.policy import Policy, Team
from rules.presence.leave import MAX_REASON_LENGTH, LeaveKind, leave_kind_label, leave_period_text
from rules.presence.presence import Presence, PresenceAction, PresenceStatus
from rules.text import Code, Moment, NearDay, Person, Text, _, ngettext
from storage.schema.people import LeaveEntry

PEOPLE_PER_STATUS = 40
NAME_LIMIT = 60
LEAVES_SHOWN = 5
_STATUS_ORDER = (
    PresenceStatus.AT_WORK,
    PresenceStatus.ACTIVITY,
    PresenceStatus.BREAK,
    PresenceStatus.OFF,
    PresenceStatus.AWAY,
)
_STATUS_HEADINGS = {
    PresenceStatus.AT_WORK: _("🟢 Here"),
    PresenceStatus.ACTIVITY: _("🟠 Busy"),
    PresenceStatus.BREAK: _("🟡 On a break"),
    PresenceStatus.OFF: _("⚪ Off work"),
    PresenceStatus.AWAY: _("✈️ Away"),
}


def presence_board(
    team: Team, day: date, presences: Mapping[str, Presence], names: Mapping[str, str], policy: Policy
) -> Message:
    """The team's board of the day, with plain names: mentions would ping all of them every morning."""
    groups = {state: [who for who, one in presences.items() if one.status is state] for state in _STATUS_ORDER}
    shown = [(state, people) for state, people in groups.items() if people]
    rows = [row for one in shown for row in _status_sections(*one, presences, names, policy)]
    counts = join(", ", [_("{count} {status}", count=len(people), status=state.label) for state, people in shown])
    name, weekday = blocks.name_of(team, NAME_LIMIT), f"{day:%A}"
    spoken = _("{team}, {weekday}: {counts}.", team=name, weekday=weekday, counts=counts or _("nobody yet"))
    date_shown = _("{weekday}, {day} {month}", weekday=weekday, day=day.day, month=f"{day:%B}")
    head = blocks.section(join(" · ", [bold(name), date_shown]))
    return Message(render(spoken), [head, *rows, status_buttons(team.activities)])


def past_presence_board(team: Team, day: date) -> Message:
    name = blocks.name_of(team, NAME_LIMIT)
    text = render(_("{team}: {day} is over. Today's board is further down.", team=name, day=NearDay(day)))
    return Message(text, [blocks.context(text)])


def own_presence(
    who: str, presence: Presence, leaves: Sequence[LeaveEntry], policy: Policy, now: datetime
) -> list[Block]:
    activities = [one for team in policy.teams.values() if who in team.people for one in team.activities]
    ask = blocks.button(_("Away…"), Button.NEW_LEAVE, "leave", spoken=_("Enter time away"))
    work = blocks.button(_("Extra shift…"), Button.NEW_SHIFT, "shift", spoken=_("Enter an extra shift"))
    status = bold(_("You are {status}", status=presence_text(who, presence, policy)))
    by_hours = presence.status is PresenceStatus.AT_WORK and presence.since is None
    head = blocks.section(join(" · ", [status, *([_("by your working hours")] if by_hours else [])]))
    return [
        head,
        status_buttons(activities, ask, work),
        *(_leave_row(row, policy, now) for row in leaves[:LEAVES_SHOWN]),
        *blocks.more_context(len(leaves) - LEAVES_SHOWN),
    ]


def status_buttons(activities: Sequence[str], *more: dict[str, Any]) -> Block:
    choices = list(dict.fromkeys(activities))
    busy = [blocks.select(Button.START_ACTIVITY, [(one, one) for one in choices], placeholder=_("Busy…"))]
    return blocks.actions(
        blocks.button(_("Log in"), Button.LOG_IN, PresenceAction.IN, style="primary"),
        blocks.button(_("Break"), Button.BREAK, PresenceAction.BREAK),
        *(busy if choices else []),
        blocks.button(_("Log out"), Button.LOG_OUT, PresenceAction.OUT),
        *more,
    )


def presence_text(who: str, presence: Presence, policy: Policy) -> Markup:
    return render(_presence_sentence(who, presence, policy))


def _presence_sentence(who: str, presence: Presence, policy: Policy) -> Text:
    until, since = presence.until, presence.since
    if presence.status is PresenceStatus.AWAY:
        return _("away") if until is None else _("away, back {at}", at=_back_at(who, until, policy))
    if presence.status is PresenceStatus.ACTIVITY:
        activity = escape_line(presence.activity, NAME_LIMIT)
        if since is None:
            return _("busy with {activity}", activity=activity)
        return _("busy with {activity} since {since}", activity=activity, since=Moment(since))
    if presence.status is PresenceStatus.BREAK and since is not None:
        return _("on a break since {since}", since=Moment(since))
    if until is None:
        return presence.status.label
    return _("{status} until {until}", status=presence.status.label, until=_until(who, presence.status, until, policy))


def leave_entered(row: LeaveEntry, policy: Policy, now: datetime, *, by: str, open_count: int) -> Message:
    period = leave_period_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
    kind = leave_kind_label(row.kind)
    if row.person == by:
        entered = _("✓ You are away {period} ({kind}).", period=period, kind=kind)
        load = ngettext("{n} open ticket is assigned to you.", "{n} open tickets are assigned to you.", open_count)
    else:
        entered = _("✓ {person} is away {period} ({kind}).", person=Person(row.person), period=period, kind=kind)
        load = ngettext("{n} open ticket is assigned to them.", "{n} open tickets are assigned to them.", open_count)
    text = join(" ", [entered, *([load] if open_count else [])])
    return Message(text, [blocks.section(text), blocks.actions(_cancel_button(row))])


def _cancel_button(row: LeaveEntry) -> Element:
    value = f"{row.person}:{row.id}"
    return blocks.button(_("Cancel leave"), Button.CANCEL_LEAVE, value, spoken=_("Cancel this leave"))


def entered_page(answer: Message) -> Modal:
    return blocks.page_modal(_("Saved"), [answer.blocks[0], blocks.context(_("You can cancel it on Home."))])


def leave_form(who: str, today: date, *, is_own: bool) -> Modal:
    whom = [] if is_own else [blocks.section(_("For {person}", person=Person(who)))]
    kinds = blocks.labelled_options(LeaveKind)
    hint = _("That day is included. For hours write {command}.", command=Code("/desk away until 15:00"))
    content = [
        *whom,
        blocks.input_field(_("From"), blocks.date_picker("from", chosen=today)),
        blocks.input_field(_("Until"), blocks.date_picker("until", chosen=today), hint=hint),
        blocks.input_field(_("Kind"), blocks.select("kind", kinds, chosen=str(LeaveKind.LEAVE))),
        blocks.input_field(
            _("Reason"),
            blocks.text_input("reason", limit=MAX_REASON_LENGTH),
            optional=True,
            hint=_("Team leads see the kind and the reason. Everyone else sees only that you are away."),
        ),
    ]
    return blocks.form_modal(Form.LEAVE, _("Time away"), content, submit=_("Save"), metadata=who)


def _status_sections(
    state: PresenceStatus,
    people: Sequence[str],
    presences: Mapping[str, Presence],
    names: Mapping[str, str],
    policy: Policy,
) -> list[Block]:
    """People whose names are not known yet are counted."""
    named = [who for who in people if names.get(who, who) != who]
    entries = [_board_entry(who, presences[who], names, policy) for who in named[:PEOPLE_PER_STATUS]]
    left, unnamed = len(named) - len(entries), len(people) - len(named)
    if left:
        entries.append(render(_("and {count} more", count=left)))
    if unnamed:
        entries.append(render(ngettext("{n} person (name still loading)", "{n} people (names still loading)", unnamed)))
    first, *others = entries
    return blocks.sections([Markup(f"{bold(_STATUS_HEADINGS[state])}  {first}"), *others], between=", ")


def _board_entry(who: str, presence: Presence, names: Mapping[str, str], policy: Policy) -> Markup:
    name, until = escape_line(names[who], NAME_LIMIT), presence.until
    if presence.status is PresenceStatus.AT_WORK and until is not None:
        return render(_("{name} until {until}", name=name, until=_until(who, presence.status, until, policy)))
    if presence.status is PresenceStatus.ACTIVITY:
        return render(_("{name}: {activity}", name=name, activity=escape_line(presence.activity, NAME_LIMIT)))
    if presence.status is PresenceStatus.BREAK and presence.since is not None:
        return render(_("{name} since {since}", name=name, since=Moment(presence.since)))
    if presence.status is PresenceStatus.AWAY and until is not None:
        return render(_("{name}, back {at}", name=name, at=_back_at(who, until, policy)))
    return name


def _leave_row(row: LeaveEntry, policy: Policy, now: datetime) -> Block:
    period = leave_period_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
    text = _("{kind} {period}", kind=leave_kind_label(row.kind), period=period)
    if row.reason:
        text = _("{leave}: {reason}", leave=text, reason=escape_line(row.reason, 200))
    return blocks.section(text, accessory=_cancel_button(row))


def _back_at(who: str, until: datetime, policy: Policy) -> Moment | NearDay:
    calendar = policy.person_calendar(who, "")
    return _moment_or_day(next_opening(calendar, until), calendar.timezone)


def _until(who: str, status: PresenceStatus, until: datetime, policy: Policy) -> Moment | NearDay | Text:
    """The end of a shift is at most a day away, so that its midnight is the coming one."""
    timezone = policy.person_calendar(who, "").timezone
    if status is PresenceStatus.AT_WORK and until.astimezone(time_zone(timezone)).time() == time():
        return _("midnight")
    return _moment_or_day(until, timezone)


def _moment_or_day(at: datetime, timezone: str) -> Moment | NearDay:
    """A day that begins at midnight is named alone: "tomorrow 12:00 AM" reads as the wrong one."""
    local = at.astimezone(time_zone(timezone))
    return NearDay(local.date()) if local.time() == time() else Moment(at)
