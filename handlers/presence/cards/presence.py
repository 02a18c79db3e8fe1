"""Where people are: the floor card, one's own line on Home, and time away."""

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
    team: Team, day: date, here: Mapping[str, Presence], called: Mapping[str, str], policy: Policy
) -> Message:
    """The team's card of the day. It calls people by name: a mention would ping all of them every morning."""
    groups = {state: [who for who, one in here.items() if one.status is state] for state in _STATUS_ORDER}
    counts = [f"{len(whos)} {PRESENCE_STATUS_TEXTS[state]}" for state, whos in groups.items() if whos]
    rows = [
        row for state, whos in groups.items() if whos for row in _status_sections(state, whos, here, called, policy)
    ]
    said = f"{escape_line(team.name, NAME_LIMIT)}, {day:%A}: {', '.join(counts) or 'nobody yet'}."
    head = section(f"*{escape_line(team.name, NAME_LIMIT)}* · {day:%A}, {day.day} {day:%B}")
    return Message(said, [head, *rows, status_buttons(team.activities)])


def past_presence_board(team: Team, day: date) -> Message:
    """What is left of the card when its day is over."""
    said = (
        f"{escape_line(team.name, NAME_LIMIT)}: {day:%A}, {day.day} {day:%B} is over. The card of today is "
        "further down."
    )
    return Message(said, [context(said)])


def own_presence(
    who: str, presence: Presence, leaves: Sequence[LeaveEntry], policy: Policy, now: datetime
) -> list[Block]:
    """One's own line on Home, with what to press and the leave that is to come."""
    activities = [one for team in policy.teams.values() if who in team.people for one in team.activities]
    ask = button("Away…", Button.NEW_LEAVE, "leave", spoken="Enter time away")
    work = button("Shift…", Button.NEW_SHIFT, "shift", spoken="Enter a shift beside your hours")
    content: list[Block] = [
        section(f"*You are {presence_text(who, presence, policy)}*"),
        status_buttons(activities, ask, work),
    ]
    return content + [_leave_row(row, policy, now) for row in leaves[:LEAVES_SHOWN]]


def status_buttons(activities: Sequence[str], *more: dict[str, Any]) -> Block:
    """Log in, Break, Busy…, Log out; without activities in desk.yml nobody is asked with what."""
    known = list(dict.fromkeys(activities))
    busy = [select(Button.START_ACTIVITY, [(one, one) for one in known], placeholder="Busy…")] if known else []
    return actions(
        button("Log in", Button.LOG_IN, PresenceAction.IN, style="primary"),
        button("Break", Button.BREAK, PresenceAction.BREAK),
        *busy,
        button("Log out", Button.LOG_OUT, PresenceAction.OUT),
        *more,
    )


def presence_text(who: str, presence: Presence, policy: Policy) -> str:
    """Where somebody is, and until when as far as that is known; the times are the reader's."""
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
    """The answer after time away was entered: what was understood, and the way back."""
    words = leave_period_text(row.begins, row.ends, now, policy.person_calendar(row.person, "").timezone)
    who = "You are" if row.person == by else f"{mention(row.person)} is"
    holds = "you hold" if row.person == by else "they hold"
    load = f" Meanwhile {holds} {open_count} open." if open_count else ""
    said = f"✓ {who} away {words} ({escape_line(row.kind, NAME_LIMIT)}).{load}"
    take_back = button("Take back", Button.CANCEL_LEAVE, f"{row.person}:{row.id}", spoken="Take this leave back")
    return Message(said, [section(said), actions(take_back)])


def entered_page(said: Message) -> dict[str, Any]:
    """The same in the place of the form; it is taken back on Home."""
    return page_modal("Entered", [said.blocks[0], context("It can be taken back on Home.")])


def leave_form(who: str, today: date, *, is_own: bool) -> dict[str, Any]:
    """From, until, kind and reason, for oneself or for somebody one leads."""
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
    state: PresenceStatus, whos: Sequence[str], here: Mapping[str, Presence], called: Mapping[str, str], policy: Policy
) -> list[Block]:
    """Everybody who is that, in as many sections as it takes."""
    first, *others = [_board_entry(who, here[who], called, policy) for who in whos[:PEOPLE_PER_STATUS]]
    more = [f"and {len(whos) - PEOPLE_PER_STATUS} more"] if len(whos) > PEOPLE_PER_STATUS else []
    return sections([f"*{_STATUS_HEADINGS[state]}*  {first}", *others, *more], between=", ")


def _board_entry(who: str, presence: Presence, called: Mapping[str, str], policy: Policy) -> str:
    name = escape_line(called.get(who, who), NAME_LIMIT)
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
    """The first moment at which they work again."""
    return next_opening(policy.person_calendar(who, ""), until)
