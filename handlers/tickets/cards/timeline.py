"""The ticket's timeline, one line for each event: to the team in its thread, to the requester in theirs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from urllib.parse import quote as percent

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.text.slack import (
    escape,
    escape_entities,
    escape_keeping_mentions,
    escape_line,
    local_time,
    mention,
    render,
)
from handlers.tickets.cards.ticket import reopen_button, undelivered_text
from rules.calendars.timezones import time_zone
from rules.escalations.escalations import RejectionReason
from rules.model.policy import Policy
from rules.model.tickets import Priority, ReplyBy
from rules.model.timers import TimerKind
from rules.presence.leave import leave_end_text
from rules.reassignment import NoReceiverReason, ReassignmentCause
from storage.assignment.routing import REASON_ABSENT
from storage.events import DESK_ACTOR, EventKind
from storage.schema.tickets import Event, Ticket

QUOTE_LIMIT = 2000
TIMER_NAMES = {
    TimerKind.FIRST_RESPONSE: "first reply",
    TimerKind.NEXT_RESPONSE: "next reply",
    TimerKind.STEP: "step",
    TimerKind.EXPERT_ANSWER: "experts' answer",
    TimerKind.RESOLUTION: "solution",
}


def timeline_entry(event: Event, ticket: Ticket, policy: Policy, *, part: int = 0) -> Message:
    """The entry in the team's thread; it marks in words what is a note and what went to the customer.

    What is too long for one message goes on in further parts.
    """
    if event.kind == EventKind.UNDELIVERED:
        words = str(render(undelivered_text(event, ticket)))
    else:
        words = _EVENT_TEXTS.get(EventKind(event.kind), _default_text)(event, policy)
    if event.data.get("deleted"):
        words += " (deleted since)"
    text = _part_of(event, part)
    words += " (continued)" if part else ""
    files = ticket.files if event.kind == EventKind.CREATED else event.data.get("files", [])
    content = quoted_below(words, text) + attachment_links([] if part else files)
    return Message(f"#{ticket.number}: {words}" + (f" “{escape_line(text, 200)}”" if text else ""), content)


def quoted_below(words: str, text: str) -> list[Block]:
    """What a person wrote is whole: below the words, or where it is too long for that in sections of its own."""
    if len(escape_entities(text)) > QUOTE_LIMIT:
        return [blocks.section(words), *blocks.quoted_sections(text)]
    return [blocks.section(words + (f"\n>>> {escape(text, QUOTE_LIMIT)}" if text else ""))]


def next_part(event: Event, part: int) -> int | None:
    return part + 1 if part + 1 < len(_parts(event)) else None


def _part_of(event: Event, part: int) -> str:
    """Empty when the text has become shorter since."""
    parts = _parts(event)
    return parts[part] if part < len(parts) else ""


def _parts(event: Event) -> list[str]:
    return blocks.text_parts(str(event.data.get("text") or ""))


def requester_message(event: Event, ticket: Ticket, *, first: bool, part: int = 0) -> Message:
    """`first` when the message is outside the requester's own thread: it then names the ticket's title."""
    words = f"{mention(event.by)} {'resolved' if event.kind == EventKind.RESOLVED else 'replied about'}"
    head = f"{words} *#{ticket.number}* · {escape_line(ticket.title)}" if first else f"{words} *#{ticket.number}*"
    text = _part_of(event, part)
    head += " (continued)" if part else ""
    content = [*quoted_below(head, text), *attachment_links([] if part else event.data.get("files", []))]
    if event.kind == EventKind.RESOLVED and next_part(event, part) is None:
        content.append(blocks.actions(reopen_button(ticket.number)))
    elif first:
        content.append(blocks.context("Answer in this thread: the team reads it."))
    spoken = f"{words} #{ticket.number} {escape_line(ticket.title)}"
    return Message(spoken + (f": “{escape_line(text, 300)}”" if text else ""), content)


def attachment_links(files: Sequence[Mapping[str, str]]) -> list[Block]:
    linked = [(_safe_url(one["url"]), one["name"]) for one in files[:10] if one.get("url")]
    links = [f"📎 <{url}|{escape_line(name, 80)}>" for url, name in linked]
    return [blocks.context(*links)] if links else []


def _safe_url(url: str) -> str:
    return percent(url, safe="/:?&=%#+@~.,-_")[:1500]


def _edited_message(event: Event) -> str:
    names = {
        EventKind.NOTED: "an *internal note*",
        EventKind.REPLIED: "a reply to the customer",
        EventKind.CREATED: "the message that this ticket comes from",
    }
    return names.get(event.data.get("of_kind", ""), "a message")


def _deleted_message(event: Event) -> str:
    """Slack does not say who deleted it: it may have been an administrator."""
    words = _edited_message(event)
    return words[0].upper() + words[1:]


def _default_text(event: Event, policy: Policy) -> str:
    return f"{mention(event.by)}: {event.kind.replace('_', ' ')}"


def _taken_text(event: Event, policy: Policy) -> str:
    before = event.data.get("before")
    over = f" over from {mention(before)}" if before and before != event.by else ""
    return f"{mention(event.by)} took it{over}"


def _assigned_text(event: Event, policy: Policy) -> str:
    who = "Baton" if event.by == DESK_ACTOR else mention(event.by)
    because = assignment_reason(event)
    return f"{who} assigned it to {mention(event.data['to'])}" + (f": {because}" if because else "")


def assignment_reason(event: Event) -> str:
    """Why this person was chosen; empty where no reason was asked for. Baton's own reasons keep their mentions."""
    reason = str(event.data.get("reason") or "")
    return escape_keeping_mentions(reason) if event.by == DESK_ACTOR else escape_line(reason, 300)


def _passed_back_text(event: Event, policy: Policy) -> str:
    if event.by != DESK_ACTOR:
        return f"{mention(event.by)} passed it back"
    why = "they are not here" if event.data.get("why") == REASON_ABSENT else "no answer in time"
    return f"Baton took it back from {mention(event.data.get('from'))}: {why}"


def _reassigned_text(event: Event, policy: Policy) -> str:
    data, who = event.data, "Baton" if event.by == DESK_ACTOR else mention(event.by)
    hands = f"from {mention(data.get('from'))} to {mention(data.get('to'))}"
    if data.get("did") in ("undone", "back"):
        again = "took the move back" if data["did"] == "undone" else "is back and took it"
        return f"{who} {again}: {hands}"
    left = f", as {NoReceiverReason(data['left']).label}" if data.get("left") else ""
    why = reassignment_reason(data, policy, str(data.get("from")), event.at)
    return f"{who} moved it {hands}{left}{why}"


def reassignment_reason(details: Mapping[str, str], policy: Policy, giver: str, at: datetime) -> str:
    """Why Baton moved the tickets; empty where a person did."""
    if details.get("why") == ReassignmentCause.GONE:
        return ": not in Slack any more"
    if details.get("why") == ReassignmentCause.LEFT:
        return ": in no team here any more"
    if details.get("why") != ReassignmentCause.AWAY:
        return ""
    if not details.get("until"):
        return ": away"
    until, place = datetime.fromisoformat(details["until"]), policy.person_calendar(giver, "").timezone
    ends_a_day = until.astimezone(time_zone(place)).time() == time()
    return f": away until {leave_end_text(until, at, place) if ends_a_day else local_time(until)}"


def _escalated_text(event: Event, policy: Policy) -> str:
    return f"{mention(event.by)} escalated it to {blocks.name_of(policy.team(event.data['to']))}"


def _rejected_text(event: Event, policy: Policy) -> str:
    return f"✗ {mention(event.by)} rejected the escalation: {RejectionReason(event.data['advice']).label}"


def _accepted_text(event: Event, policy: Policy) -> str:
    """The evidence goes with the ticket to the new assignee."""
    evidence_parts = [("*Why:* ", event.data.get("why")), ("*Tried:* ", event.data.get("tried"))]
    evidence = "".join(f"\n{head}{escape(str(text), 1000)}" for head, text in evidence_parts if text)
    if event.assignee is None:
        now = f" for {blocks.name_of(policy.team(event.team))}; nobody has it yet"
    else:
        now = " and has it now" if event.assignee == event.by else f"; {mention(event.assignee)} has it now"
    return f"{mention(event.by)} ✓ accepted the escalation{now}{evidence}"


def _approved_text(event: Event, policy: Policy) -> str:
    away = " and ".join(mention(who) for who in event.data.get("standing_for", []))
    left = event.data.get("left", 1)
    others = "one more has" if left == 1 else f"{left} more have"
    return f"{mention(event.by)} ✓ accepted the escalation{f' for {away}' if away else ''}; {others} to"


def _approver_passed_over_text(event: Event, policy: Policy) -> str:
    if event.data.get("away"):
        return f"{' and '.join(mention(who) for who in event.data['away'])} is away now; somebody else is asked"
    if event.data.get("asked"):
        asked = mention(event.data["asked"])
        return f"The experts did not answer the escalation in time; {asked} is asked by name"
    late = " and ".join(mention(who) for who in event.data.get("late", ()))
    return f"{late} did not answer the escalation in time; the next one is asked"


def _forwarded_text(event: Event, policy: Policy) -> str:
    if event.by == DESK_ACTOR:
        return "Nobody looked at the escalation in time: the experts are asked now"
    return f"{mention(event.by)} looked at the escalation and sent it on to the experts"


def _redirected_text(event: Event, policy: Policy) -> str:
    was, to = (blocks.name_of(policy.team(event.data.get(key, ""))) for key in ("was", "to"))
    return f"{mention(event.by)} redirected the escalation from {was} to {to}"


def _resolved_text(event: Event, policy: Policy) -> str:
    withdrawn = " and the escalation is withdrawn" if event.data.get("withdrew") else ""
    return f"{mention(event.by)} ✓ resolved it{withdrawn}; the customer reads"


def _changed_text(event: Event, policy: Policy) -> str:
    parts = [_field_change_text(key, was, now, policy) for key, (was, now) in event.data.get("changed", {}).items()]
    return f"{mention(event.by)} changed " + (", ".join(parts) if parts else "nothing") + due_changes_text(event)


def _field_change_text(key: str, was: str | None, now: str | None, policy: Policy) -> str:
    before, after = (_field_value_text(key, value, policy) for value in (was, now))
    return f"{key.replace('_', ' ')} from {before} to {after}"


def _field_value_text(key: str, word: str | None, policy: Policy) -> str:
    if word is None:
        return "none"
    named: dict[str, Callable[[], str]] = {
        "priority": lambda: str(Priority(word).label),
        "reply_by": lambda: str(ReplyBy(word).label),
        "type": lambda: blocks.name_of(policy.type(word)),
        "team": lambda: blocks.name_of(policy.team(word)),
    }
    return named[key]() if key in named else f"“{escape_line(word, 150)}”"


def _step_done_text(event: Event, policy: Policy) -> str:
    late = " ⚠️ late" if event.data.get("late") else ""
    following = event.data.get("next")
    then = f"next: {escape_line(str(following), 80)}" if following else "that was the last step"
    return f"{mention(event.by)} ✓ did the step {escape_line(str(event.data['step']), 80)}{late}; {then}"


def _extended_text(event: Event, policy: Policy) -> str:
    asker = event.data.get("asked_by")
    for_whom = f", as {mention(asker)} asked" if asker else ""
    return f"{mention(event.by)} gave it {event.data['more']} more{for_whom}{due_changes_text(event)}"


def due_changes_text(event: Event) -> str:
    """Which due times changed, from when to when; empty when none did."""
    parts = [_due_change_text(TimerKind(kind), was, now) for kind, (was, now) in event.data.get("due", {}).items()]
    return f": {'; '.join(parts)}" if parts else ""


def _due_change_text(kind: TimerKind, was: str | None, now: str | None) -> str:
    words = TIMER_NAMES[kind]
    if now is None:
        return f"{words} has no due time any more"
    due = local_time(datetime.fromisoformat(now))
    return f"{words} due {due}" + (f", before {local_time(datetime.fromisoformat(was))}" if was else "")


def _person_did(words: str) -> Callable[[Event, Policy], str]:
    return lambda event, policy: f"{mention(event.by)} {words}"


_EVENT_TEXTS: dict[EventKind, Callable[[Event, Policy], str]] = {
    EventKind.CREATED: _person_did("filed it"),
    EventKind.TAKEN: _taken_text,
    EventKind.ASSIGNED: _assigned_text,
    EventKind.REASSIGNED: _reassigned_text,
    EventKind.STARTED: _person_did("started"),
    EventKind.PASSED: _passed_back_text,
    EventKind.ESCALATED: _escalated_text,
    EventKind.ACCEPTED: _accepted_text,
    EventKind.APPROVER_ANSWERED: _approved_text,
    EventKind.PASSED_OVER: _approver_passed_over_text,
    EventKind.REDIRECTED: _redirected_text,
    EventKind.WITHDRAWN: _person_did("withdrew the escalation"),
    EventKind.REVIEW_PASSED: _forwarded_text,
    EventKind.REVIEW_RETURNED: _person_did("returned the escalation before it went to the experts"),
    EventKind.REJECTED: _rejected_text,
    EventKind.INFO_REQUESTED: _person_did("asks back (the experts' time is paused)"),
    EventKind.INFO_PROVIDED: _person_did("answered the experts' question"),
    EventKind.WAITING: _person_did("waits for the customer (the resolution time is paused)"),
    EventKind.REPLIED: _person_did("*replied to the customer*"),
    EventKind.NOTED: _person_did("wrote an *internal note*"),
    EventKind.REQUESTER_WROTE: _person_did("*(customer)* wrote"),
    EventKind.MESSAGE_EDITED: lambda event, policy: f"{mention(event.by)} edited {_edited_message(event)}",
    EventKind.MESSAGE_DELETED: lambda event, policy: f"{_deleted_message(event)} by {mention(event.by)} was deleted",
    EventKind.CHANGED: _changed_text,
    EventKind.RESOLVED: _resolved_text,
    EventKind.REOPENED: _person_did("reopened it"),
    EventKind.SNOOZED: _person_did("snoozed the alert"),
    EventKind.STEP_DONE: _step_done_text,
    EventKind.SLA_RECALCULATED: lambda event, policy: f"The desk's rules changed{due_changes_text(event)}",
    EventKind.EXTENDED: _extended_text,
    EventKind.EXTENSION_REQUESTED: lambda event, policy: (
        f"{mention(event.by)} asks the lead for {event.data['more']} more"
    ),
    EventKind.EXTENSION_DECLINED: _person_did("gave it no more time"),
    EventKind.HELP_REQUESTED: _person_did("asks for help"),
    EventKind.SKIPPED: _person_did("skipped it as their next ticket"),
}
