"""The presence board, a person's own presence on Home, and leave."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import clip, escape_line, local_time, mention
from rules.calendars.calendars import next_opening
from rules.model.policy import Policy, Team
from rules.presence.leave import MAX_REASON_LENGTH, LeaveKind, leave_period_text
from rules.presence.presence import Presence, PresenceAction, PresenceStatus
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
    counts = [f"{len(people)} {state.label}" for state, people in groups.items() if people]
    shown = [(state, people) for state, people in groups.items() if people]
    rows = [row for one in shown for row in _status_sections(*one, presences, names, policy)]
    spoken = f"{blocks.name_of(team, NAME_LIMIT)}, {day:%A}: {', '.join(counts) or 'nobody yet'}."
    head = blocks.section(f"*{blocks.name_of(team, NAME_LIMIT)}* · {day:%A}, {day.day} {day:%B}")
    return Message(spoken, [head, *rows, status_buttons(team.activities)])


def past_presence_board(team: Team, day: date) -> Message:
    name = blocks.name_of(team, NAME_LIMIT)
    text = f"{name}: {day:%A}, {day.day} {day:%B} is over. The card of today is further down."
    return Message(text, [blocks.context(text)])


def own_presence(
    who: str, presence: Presence, leaves: Sequence[LeaveEntry], policy: Policy, now: datetime
) -> list[Block]:
    activities = [one for team in policy.teams.values() if who in team.people for one in team.activities]
    ask = blocks.button("Away…", Button.NEW_LEAVE, "leave", spoken="Enter time away")
    work = blocks.button("Shift…", Button.NEW_SHIFT, "shift", spoken="Enter a shift beside your hours")
    now_text = blocks.section(f"*You are {presence_text(who, presence, policy)}*")
    content = [now_text, status_buttons(activities, ask, work)]
    return content + [_leave_row(row, policy, now) for row in leaves[:LEAVES_SHOWN]]


def status_buttons(activities: Sequence[str], *more: dict[str, Any]) -> Block:
    choices = list(dict.fromkeys(activities))
    busy = [blocks.select(Button.START_ACTIVITY, [(one, one) for one in choices], placeholder="Busy…")]
    return blocks.actions(
        blocks.button("Log in", Button.LOG_IN, PresenceAction.IN, style="primary"),
        blocks.button("Break", Button.BREAK, PresenceAction.BREAK),
        *(busy if choices else []),
        blocks.button("Log out", Button.LOG_OUT, PresenceAction.OUT),
        *more,
    )


def presence_text(who: str, presence: Presence, policy: Policy) -> str:
    until, since = presence.until, presence.since
    if presence.status is PresenceStatus.AWAY:
        return "away" if until is None else f"away, back {local_time(_back_at(who, until, policy))}"
    if presence.status is PresenceStatus.ACTIVITY:
        since_text = f" since {local_time(since)}" if since else ""
        return f"busy with {escape_line(presence.activity, NAME_LIMIT)}{since_text}"
    if presence.status is PresenceStatus.BREAK:
        return "on a break" + (f" since {local_time(since)}" if since else "")
    return f"{presence.status.label} until {local_time(until)}" if until else str(presence.status.label)


def leave_entered(row: LeaveEntry, policy: Policy, now: datetime, *, by: str, open_count: int) -> Message:
    words = leave_period_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
    who = "You are" if row.person == by else f"{mention(row.person)} is"
    holds = "you hold" if row.person == by else "they hold"
    load = f" Meanwhile {holds} {open_count} open." if open_count else ""
    text = f"✓ {who} away {words} ({escape_line(row.kind, NAME_LIMIT)}).{load}"
    take_back = blocks.button("Take back", Button.CANCEL_LEAVE, f"{row.person}:{row.id}", spoken="Take this leave back")
    return Message(text, [blocks.section(text), blocks.actions(take_back)])


def entered_page(answer: Message) -> Modal:
    return blocks.page_modal("Entered", [answer.blocks[0], blocks.context("It can be taken back on Home.")])


def leave_form(who: str, today: date, *, is_own: bool) -> Modal:
    whom = [] if is_own else [blocks.section(f"For {mention(who)}")]
    kinds = blocks.labelled_options(LeaveKind)
    hint = "That day is included. For hours write `/desk away until 15:00`."
    content = [
        *whom,
        blocks.input_field("From", blocks.date_picker("from", chosen=today)),
        blocks.input_field("Until", blocks.date_picker("until", chosen=today), hint=hint),
        blocks.input_field("Kind", blocks.select("kind", kinds, chosen=str(LeaveKind.LEAVE))),
        blocks.input_field(
            "Reason",
            blocks.text_input("reason", limit=MAX_REASON_LENGTH),
            optional=True,
            hint="Your leads read the kind and the reason; everybody else only that you are away.",
        ),
    ]
    return blocks.form_modal(Form.LEAVE, "Time away", content, submit="Enter", metadata=who)


def _status_sections(
    state: PresenceStatus,
    people: Sequence[str],
    presences: Mapping[str, Presence],
    names: Mapping[str, str],
    policy: Policy,
) -> list[Block]:
    first, *others = [_board_entry(who, presences[who], names, policy) for who in people[:PEOPLE_PER_STATUS]]
    more = [f"and {len(people) - PEOPLE_PER_STATUS} more"] if len(people) > PEOPLE_PER_STATUS else []
    return blocks.sections([f"*{_STATUS_HEADINGS[state]}*  {first}", *others, *more], between=", ")


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
    kind = str(LeaveKind(row.kind).label) if row.kind in list(LeaveKind) else row.kind
    why = f": {clip(escape_line(row.reason), 200)}" if row.reason else ""
    take_back = blocks.button("Take back", Button.CANCEL_LEAVE, f"{row.person}:{row.id}", spoken="Take this leave back")
    return blocks.section(f"{escape_line(kind, NAME_LIMIT)} {words}{why}", accessory=take_back)


def _back_at(who: str, until: datetime, policy: Policy) -> datetime:
    return next_opening(policy.person_calendar(who, ""), until)
