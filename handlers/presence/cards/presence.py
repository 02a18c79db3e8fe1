"""The presence board, a person's own presence on Home, and leave."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from handlers.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    date_picker,
    escape_line,
    form_modal,
    input_field,
    local_time,
    mention,
    page_modal,
    section,
    sections,
    select,
    text_input,
)
from handlers.slack.ids import Button, Form
from rules.calendars.calendars import next_opening
from rules.model.policy import Policy, Team
from rules.presence.leave import LEAVE_KIND_LABELS, MAX_REASON_LENGTH, LeaveKind, leave_period_text
from rules.presence.presence import PRESENCE_STATUS_TEXTS, Presence, PresenceAction, PresenceStatus
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
    PresenceStatus.AT_WORK: "🟢 Here",
    PresenceStatus.ACTIVITY: "🟠 Busy",
    PresenceStatus.BREAK: "🟡 On a break",
    PresenceStatus.OFF: "⚪ Off work",
    PresenceStatus.AWAY: "✈️ Away",
}


def presence_board(
    team: Team, day: date, presences: Mapping[str, Presence], names: Mapping[str, str], policy: Policy
) -> Message:
    """The team's board of the day, with plain names: mentions would ping all of them every morning."""
    groups = {state: [who for who, one in presences.items() if one.status is state] for state in _STATUS_ORDER}
    counts = [f"{len(people)} {PRESENCE_STATUS_TEXTS[state]}" for state, people in groups.items() if people]
    rows = [
        row
        for state, people in groups.items()
        if people
        for row in _status_sections(state, people, presences, names, policy)
    ]
    spoken = f"{escape_line(team.name, NAME_LIMIT)}, {day:%A}: {', '.join(counts) or 'nobody yet'}."
    head = section(f"*{escape_line(team.name, NAME_LIMIT)}* · {day:%A}, {day.day} {day:%B}")
    return Message(spoken, [head, *rows, status_buttons(team.activities)])


def past_presence_board(team: Team, day: date) -> Message:
    name = escape_line(team.name, NAME_LIMIT)
    text = f"{name}: {day:%A}, {day.day} {day:%B} is over. The card of today is further down."
    return Message(text, [context(text)])


def own_presence(
    who: str, presence: Presence, leaves: Sequence[LeaveEntry], policy: Policy, now: datetime
) -> list[Block]:
    """A person's own presence on Home, with buttons and upcoming leave."""
    activities = [one for team in policy.teams.values() if who in team.people for one in team.activities]
    ask = button("Away…", Button.NEW_LEAVE, "leave", spoken="Enter time away")
    work = button("Shift…", Button.NEW_SHIFT, "shift", spoken="Enter a shift beside your hours")
    content: list[Block] = [
        section(f"*You are {presence_text(who, presence, policy)}*"),
        status_buttons(activities, ask, work),
    ]
    return content + [_leave_row(row, policy, now) for row in leaves[:LEAVES_SHOWN]]


def status_buttons(activities: Sequence[str], *more: dict[str, Any]) -> Block:
    """Without activities in desk.yml there is no *Busy…* menu."""
    choices = list(dict.fromkeys(activities))
    busy = [select(Button.START_ACTIVITY, [(one, one) for one in choices], placeholder="Busy…")] if choices else []
    return actions(
        button("Log in", Button.LOG_IN, PresenceAction.IN, style="primary"),
        button("Break", Button.BREAK, PresenceAction.BREAK),
        *busy,
        button("Log out", Button.LOG_OUT, PresenceAction.OUT),
        *more,
    )


def presence_text(who: str, presence: Presence, policy: Policy) -> str:
    until, since = presence.until, presence.since
    if presence.status is PresenceStatus.AWAY:
        return "away" if until is None else f"away, back {local_time(_back_at(who, until, policy))}"
    if presence.status is PresenceStatus.ACTIVITY:
        return f"busy with {escape_line(presence.activity, NAME_LIMIT)}" + (
            f" since {local_time(since)}" if since else ""
        )
    if presence.status is PresenceStatus.BREAK:
        return "on a break" + (f" since {local_time(since)}" if since else "")
    return PRESENCE_STATUS_TEXTS[presence.status] + (f" until {local_time(until)}" if until else "")


def leave_entered(row: LeaveEntry, policy: Policy, now: datetime, *, by: str, open_count: int) -> Message:
    words = leave_period_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
    who = "You are" if row.person == by else f"{mention(row.person)} is"
    holds = "you hold" if row.person == by else "they hold"
    load = f" Meanwhile {holds} {open_count} open." if open_count else ""
    text = f"✓ {who} away {words} ({escape_line(row.kind, NAME_LIMIT)}).{load}"
    take_back = button("Take back", Button.CANCEL_LEAVE, f"{row.person}:{row.id}", spoken="Take this leave back")
    return Message(text, [section(text), actions(take_back)])


def entered_page(answer: Message) -> dict[str, Any]:
    """The same answer in place of the form."""
    return page_modal("Entered", [answer.blocks[0], context("It can be taken back on Home.")])


def leave_form(who: str, today: date, *, is_own: bool) -> dict[str, Any]:
    whom = [] if is_own else [section(f"For {mention(who)}")]
    kinds = [(words, str(kind)) for kind, words in LEAVE_KIND_LABELS.items()]
    hint = "That day is included. For hours write `/desk away until 15:00`."
    content = [
        *whom,
        input_field("From", date_picker("from", chosen=today)),
        input_field("Until", date_picker("until", chosen=today), hint=hint),
        input_field("Kind", select("kind", kinds, chosen=str(LeaveKind.LEAVE))),
        input_field(
            "Reason",
            text_input("reason", limit=MAX_REASON_LENGTH),
            optional=True,
            hint="Your leads read the kind and the reason; everybody else only that you are away.",
        ),
    ]
    return form_modal(Form.LEAVE, "Time away", content, submit="Enter", metadata=who)


def _status_sections(
    state: PresenceStatus,
    people: Sequence[str],
    presences: Mapping[str, Presence],
    names: Mapping[str, str],
    policy: Policy,
) -> list[Block]:
    first, *others = [_board_entry(who, presences[who], names, policy) for who in people[:PEOPLE_PER_STATUS]]
    more = [f"and {len(people) - PEOPLE_PER_STATUS} more"] if len(people) > PEOPLE_PER_STATUS else []
    return sections([f"*{_STATUS_HEADINGS[state]}*  {first}", *others, *more], between=", ")


def _board_entry(who: str, presence: Presence, names: Mapping[str, str], policy: Policy) -> str:
    name = escape_line(names.get(who, who), NAME_LIMIT)
    if presence.status is PresenceStatus.AT_WORK and presence.until is not None:
        return f"{name} until {local_time(presence.until)}"
    if presence.status is PresenceStatus.ACTIVITY:
        return f"{name}: {escape_line(presence.activity, NAME_LIMIT)}"
    if presence.status is PresenceStatus.BREAK and presence.since is not None:
        return f"{name} since {local_time(presence.since)}"
    if presence.status is PresenceStatus.AWAY and presence.until is not None:
        return f"{name}, back {local_time(_back_at(who, presence.until, policy))}"
    return name


def _leave_row(row: LeaveEntry, policy: Policy, now: datetime) -> Block:
    words = leave_period_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
    kind = LEAVE_KIND_LABELS.get(LeaveKind(row.kind), row.kind) if row.kind in list(LeaveKind) else row.kind
    why = f": {clip(escape_line(row.reason), 200)}" if row.reason else ""
    take_back = button("Take back", Button.CANCEL_LEAVE, f"{row.person}:{row.id}", spoken="Take this leave back")
    return section(f"{escape_line(kind, NAME_LIMIT)} {words}{why}", accessory=take_back)


def _back_at(who: str, until: datetime, policy: Policy) -> datetime:
    """The first working moment after the leave."""
    return next_opening(policy.person_calendar(who, ""), until)
