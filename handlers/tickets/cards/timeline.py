"""The ticket's timeline, one line for each event: to the team in its thread, to the requester in theirs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from urllib.parse import quote as percent

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.text.slack import (
    Markup,
    bold,
    escape,
    escape_entities,
    escape_keeping_mentions,
    escape_line,
    join,
    link,
    local_time,
    quote,
    render,
)
from handlers.tickets.cards.ticket import reopen_button, undelivered_text
from rules.calendars.durations import duration_text, parse_duration
from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.escalations.escalations import RejectionReason
from rules.model.policy import Policy
from rules.model.tickets import FIELD_LABELS, Priority, ReplyBy
from rules.model.timers import TimerKind
from rules.presence.leave import leave_end_text
from rules.reassignment import NoReceiverReason, ReassignmentCause
from rules.text import Moment, Person, Text, TicketNumber, Value, _, join_list, join_texts, ngettext
from storage.assignment.routing import REASON_ABSENT
from storage.events import DESK_ACTOR, EventKind
from storage.schema.tickets import Event, Ticket
from storage.texts import text_from_json

QUOTE_LIMIT, SPOKEN_QUOTE_LIMIT = 2000, 300


def timeline_entry(event: Event, ticket: Ticket, policy: Policy, *, part: int = 0) -> Message:
    """The entry in the team's thread; it marks in words what is a note and what went to the requester.

    What is too long for one message goes on in further parts.
    """
    files = ticket.files if event.kind == EventKind.CREATED else event.data.get("files", [])
    sentence, text = _with_remarks(event_text(event, ticket, policy), event, part), _part_of(event, part)
    content = quoted_below(render(sentence), text) + attachment_links([] if part else files)
    number = TicketNumber(ticket.number)
    return Message(_spoken(_("{ticket}: {sentence}", ticket=number, sentence=sentence), text), content)


def event_text(event: Event, ticket: Ticket, policy: Policy) -> Text:
    if event.kind == EventKind.UNDELIVERED:
        return undelivered_text(event, ticket)
    return _EVENT_TEXTS[EventKind(event.kind)](event, policy)


def _with_remarks(sentence: Text, event: Event, part: int) -> Text:
    if event.data.get("deleted"):
        sentence = _("{sentence} (deleted since)", sentence=sentence)
    return _("{sentence} (continued)", sentence=sentence) if part else sentence


def _spoken(sentence: Text, text: str) -> Markup:
    if not text:
        return render(sentence)
    return render(_("{sentence} “{quote}”", sentence=sentence, quote=escape_line(text, SPOKEN_QUOTE_LIMIT)))


def quoted_below(words: Markup, text: str) -> list[Block]:
    """What a person wrote is whole: below the words, or where it is too long for that in sections of its own."""
    if len(escape_entities(text)) > QUOTE_LIMIT:
        return [blocks.section(words), *blocks.quoted_sections(text)]
    return [blocks.section(join("\n", [words, quote(text, QUOTE_LIMIT)]) if text else words)]


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
    number, text = TicketNumber(ticket.number), _part_of(event, part)
    sentence = _requester_sentence(event, bold(_("{ticket}", ticket=number)))
    head = join(" · ", [render(sentence), escape_line(ticket.title)]) if first else render(sentence)
    if part:
        head = render(_("{sentence} (continued)", sentence=head))
    content = [*quoted_below(head, text), *attachment_links([] if part else event.data.get("files", []))]
    if event.kind == EventKind.RESOLVED and next_part(event, part) is None:
        content.append(blocks.actions(reopen_button(ticket.number)))
    elif first:
        content.append(blocks.context(_("To answer, write in this thread.")))
    spoken = _("{sentence} {title}", sentence=_requester_sentence(event, number), title=escape_line(ticket.title))
    return Message(_spoken(_("{sentence}:", sentence=spoken) if text else spoken, text), content)


def _requester_sentence(event: Event, number: Value) -> Text:
    person = _actor(event)
    if event.kind == EventKind.RESOLVED:
        return _("{person} resolved {ticket}", person=person, ticket=number)
    return _("{person} replied on {ticket}", person=person, ticket=number)


def attachment_links(files: Sequence[Mapping[str, str]]) -> list[Block]:
    """Slack takes at most ten files with one message."""
    linked = [
        (_safe_url(one["url"]), _("{name}", name=escape_line(one["name"], 80))) for one in files[:10] if one.get("url")
    ]
    links = [_("📎 {file}", file=link(url, name)) for url, name in linked]
    return [blocks.context(*links)] if links else []


def _safe_url(url: str) -> str:
    return percent(url, safe="/:?&=%#+@~.,-_")[:1500]


def _actor(event: Event) -> Person | Text:
    return _("Baton") if event.by == DESK_ACTOR else Person(event.by)


def _people_text(people: Sequence[str]) -> Text:
    return join_list([_("{person}", person=Person(one)) for one in people])


def _edited_text(event: Event, policy: Policy) -> Text:
    person = _actor(event)
    match event.data.get("of_kind"):
        case EventKind.NOTED:
            return _("{person} edited an *internal note*", person=person)
        case EventKind.REPLIED:
            return _("{person} edited a reply to the requester", person=person)
        case EventKind.CREATED:
            return _("{person} edited the message that this ticket comes from", person=person)
    return _("{person} edited a message", person=person)


def _deleted_text(event: Event, policy: Policy) -> Text:
    """Slack does not say who deleted it: it may have been an administrator."""
    person = _actor(event)
    match event.data.get("of_kind"):
        case EventKind.NOTED:
            return _("An *internal note* by {person} was deleted", person=person)
        case EventKind.REPLIED:
            return _("A reply to the requester by {person} was deleted", person=person)
        case EventKind.CREATED:
            return _("The message that this ticket comes from, by {person}, was deleted", person=person)
    return _("A message by {person} was deleted", person=person)


def _taken_text(event: Event, policy: Policy) -> Text:
    before = event.data.get("before")
    if before and before != event.by:
        return _("{person} took it over from {before}", person=_actor(event), before=Person(before))
    return _("{person} took it", person=_actor(event))


def _assigned_text(event: Event, policy: Policy) -> Text:
    person, to, reason = _actor(event), Person(event.data["to"]), assignment_reason(event)
    if reason:
        return _("{person} assigned it to {to}: {reason}", person=person, to=to, reason=reason)
    return _("{person} assigned it to {to}", person=person, to=to)


def assignment_reason(event: Event) -> Markup:
    """Why this person was chosen; empty where no reason was asked for."""
    reason = event.data.get("reason") or ""
    if isinstance(reason, Mapping):
        return render(text_from_json(reason))
    return escape_keeping_mentions(reason) if event.by == DESK_ACTOR else escape_line(reason)


def _passed_back_text(event: Event, policy: Policy) -> Text:
    if event.by != DESK_ACTOR:
        return _("{person} declined it", person=Person(event.by))
    person = Person(str(event.data.get("from", "")))
    if event.data.get("why") == REASON_ABSENT:
        return _("Baton unassigned {person}, who is not here", person=person)
    return _("Baton unassigned {person}, who did not start in time", person=person)


def _reassigned_text(event: Event, policy: Policy) -> Text:
    data, person, to = event.data, _actor(event), _receiver_text(event)
    giver = Person(str(data.get("from", "")))
    if data.get("did") == "undone":
        return _("{person} undid the move: from {giver} to {to}", person=person, giver=giver, to=to)
    if data.get("did") == "back":
        return _("{person} is back and took it: from {giver} to {to}", person=person, giver=giver, to=to)
    why = reassignment_reason(data, policy, giver.id, event.at)
    left = _(", as {reason}", reason=NoReceiverReason(data["left"]).label) if data.get("left") else Text("")
    moved = _("{person} moved it from {giver} to {to}", person=person, giver=giver, to=to)
    return _("{moved}{left}{why}", moved=moved, left=left, why=why)


def _receiver_text(event: Event) -> Text:
    return _("{person}", person=Person(event.data["to"])) if event.data.get("to") else _("unassigned")


def reassignment_reason(details: Mapping[str, str], policy: Policy, giver: str, at: datetime) -> Text:
    """Why Baton moved the tickets, as the end of a sentence; empty where a person did."""
    if details.get("why") == ReassignmentCause.GONE:
        return _(": not in Slack any more")
    if details.get("why") == ReassignmentCause.LEFT:
        return _(": in no team here any more")
    if details.get("why") != ReassignmentCause.AWAY:
        return Text("")
    if not details.get("until"):
        return _(": away")
    until, place = datetime.fromisoformat(details["until"]), policy.person_calendar(giver, "").timezone
    ends_a_day = until.astimezone(time_zone(place)).time() == time()
    return _(": away until {end}", end=leave_end_text(until, at, place) if ends_a_day else local_time(until))


def _escalated_text(event: Event, policy: Policy) -> Text:
    team = blocks.name_of(policy.team(event.data["to"]))
    return _("{person} escalated it to {team}", person=_actor(event), team=team)


def _rejected_text(event: Event, policy: Policy) -> Text:
    reason = RejectionReason(event.data["advice"]).label
    return _("✗ {person} rejected the escalation: {reason}", person=_actor(event), reason=reason)


def _accepted_text(event: Event, policy: Policy) -> Text:
    """The evidence goes with the ticket to the new assignee."""
    lines = [_acceptance_text(event, policy)]
    if why := event.data.get("why"):
        lines.append(_("*Why:* {why}", why=escape(str(why), 1000)))
    if tried := event.data.get("tried"):
        lines.append(_("*Tried:* {tried}", tried=escape(str(tried), 1000)))
    return join_texts(lines, "\n")


def _acceptance_text(event: Event, policy: Policy) -> Text:
    person = _actor(event)
    if event.assignee is None:
        team = blocks.name_of(policy.team(event.team))
        return _("✓ {person} accepted the escalation for {team} · Unassigned", person=person, team=team)
    assignee = Person(event.assignee)
    return _("✓ {person} accepted the escalation · Assignee {assignee}", person=person, assignee=assignee)


def _approved_text(event: Event, policy: Policy) -> Text:
    person, absent, left = _actor(event), event.data.get("standing_for", []), int(event.data.get("left", 1))
    if absent:
        return ngettext(
            "✓ {person} accepted the escalation for {absent}; {n} more answer is needed",
            "✓ {person} accepted the escalation for {absent}; {n} more answers are needed",
            left,
            person=person,
            absent=_people_text(absent),
        )
    return ngettext(
        "✓ {person} accepted the escalation; {n} more answer is needed",
        "✓ {person} accepted the escalation; {n} more answers are needed",
        left,
        person=person,
    )


def _approver_passed_over_text(event: Event, policy: Policy) -> Text:
    if away := event.data.get("away"):
        return ngettext(
            "{people} is away now; another expert is asked",
            "{people} are away now; other experts are asked",
            len(away),
            people=_people_text(away),
        )
    if event.data.get("asked"):
        person = Person(event.data["asked"])
        return _("The experts did not answer the escalation in time; {person} is asked by name", person=person)
    late = _people_text(event.data.get("late", ()))
    return _("{people} did not answer the escalation in time; the next one is asked", people=late)


def _forwarded_text(event: Event, policy: Policy) -> Text:
    if event.by == DESK_ACTOR:
        return _("No teammate reviewed the escalation in time; it went to the experts")
    return _("{person} reviewed the escalation and sent it to the experts", person=Person(event.by))


def _redirected_text(event: Event, policy: Policy) -> Text:
    was, to = (blocks.name_of(policy.team(event.data.get(key, ""))) for key in ("was", "to"))
    return _("{person} redirected the escalation from {was} to {to}", person=_actor(event), was=was, to=to)


def _resolved_text(event: Event, policy: Policy) -> Text:
    person = _actor(event)
    if event.data.get("withdrew"):
        return _("✓ {person} resolved it and withdrew the escalation. Sent to the requester:", person=person)
    return _("✓ {person} resolved it. Sent to the requester:", person=person)


def _changed_text(event: Event, policy: Policy) -> Text:
    parts = [_field_change_text(key, was, now, policy) for key, (was, now) in event.data.get("changed", {}).items()]
    changes = join_texts(parts, ", ") if parts else _("nothing")
    return _("{person} changed {changes}{due}", person=_actor(event), changes=changes, due=due_changes_text(event))


def _field_change_text(key: str, was: str | None, now: str | None, policy: Policy) -> Text:
    before, after = (_field_value_text(key, value, policy) for value in (was, now))
    name = FIELD_LABELS.get(key, key.replace("_", " "))
    return _("{field} from {before} to {after}", field=name, before=before, after=after)


def _field_value_text(key: str, word: str | None, policy: Policy) -> Text | Markup:
    if word is None:
        return _("none")
    named: dict[str, Callable[[], Text | Markup]] = {
        "priority": lambda: Priority(word).label,
        "reply_by": lambda: ReplyBy(word).label,
        "type": lambda: blocks.name_of(policy.type(word)),
        "team": lambda: blocks.name_of(policy.team(word)),
    }
    return named[key]() if key in named else _("“{value}”", value=escape_line(word, 150))


def _step_done_text(event: Event, policy: Policy) -> Text:
    person, step, following = _actor(event), escape_line(str(event.data["step"]), 80), event.data.get("next")
    late = _(" ⚠️ late") if event.data.get("late") else Text("")
    if not following:
        return _("✓ {person} did the last step, {step}{late}", person=person, step=step, late=late)
    then = escape_line(str(following), 80)
    return _("✓ {person} did the step {step}{late}; next: {then}", person=person, step=step, late=late, then=then)


def _extended_text(event: Event, policy: Policy) -> Text:
    person, more, due = _actor(event), _added_time_text(event), due_changes_text(event)
    if asker := event.data.get("asked_by"):
        who = Person(asker)
        return _("{person} extended it by {more}, as {who} asked{due}", person=person, more=more, who=who, due=due)
    return _("{person} extended it by {more}{due}", person=person, more=more, due=due)


def _extension_requested_text(event: Event, policy: Policy) -> Text:
    return _("{person} asked the lead for {more} more", person=_actor(event), more=_added_time_text(event))


def _added_time_text(event: Event) -> Text | str:
    more = str(event.data["more"])
    try:
        return duration_text(parse_duration(more))
    except Refused:
        return more


def due_changes_text(event: Event) -> Text:
    """Which due times changed, from when to when, as the end of a sentence; empty when none did."""
    parts = [_due_change_text(TimerKind(kind), was, now) for kind, (was, now) in event.data.get("due", {}).items()]
    return _(": {changes}", changes=join_texts(parts, "; ")) if parts else Text("")


def _due_change_text(kind: TimerKind, was: str | None, now: str | None) -> Text:
    name = kind.label
    if now is None:
        return _("{target} has no due time any more", target=name)
    due = Moment(datetime.fromisoformat(now))
    if was is None:
        return _("{target} due {due}", target=name, due=due)
    before = Moment(datetime.fromisoformat(was))
    return _("{target} due {due}, before {before}", target=name, due=due, before=before)


def _moved_team_text(event: Event, policy: Policy) -> Text:
    return _("{person} moved it to {team}", person=_actor(event), team=blocks.name_of(policy.team(event.data["to"])))


_EVENT_TEXTS: dict[EventKind, Callable[[Event, Policy], Text]] = {
    EventKind.CREATED: lambda event, policy: _("{person} created it", person=_actor(event)),
    EventKind.TAKEN: _taken_text,
    EventKind.ASSIGNED: _assigned_text,
    EventKind.REASSIGNED: _reassigned_text,
    EventKind.STARTED: lambda event, policy: _("{person} started", person=_actor(event)),
    EventKind.PASSED: _passed_back_text,
    EventKind.MOVED: _moved_team_text,
    EventKind.ESCALATED: _escalated_text,
    EventKind.ACCEPTED: _accepted_text,
    EventKind.APPROVER_ANSWERED: _approved_text,
    EventKind.PASSED_OVER: _approver_passed_over_text,
    EventKind.REDIRECTED: _redirected_text,
    EventKind.WITHDRAWN: lambda event, policy: _("{person} withdrew the escalation", person=_actor(event)),
    EventKind.REVIEW_PASSED: _forwarded_text,
    EventKind.REVIEW_RETURNED: lambda event, policy: _(
        "{person} returned the escalation before it went to the experts", person=_actor(event)
    ),
    EventKind.REJECTED: _rejected_text,
    EventKind.INFO_REQUESTED: lambda event, policy: _(
        "{person} asked for more information (the experts' time is on hold)", person=_actor(event)
    ),
    EventKind.INFO_PROVIDED: lambda event, policy: _("{person} answered the experts' question", person=_actor(event)),
    EventKind.WAITING: lambda event, policy: _(
        "{person} set it to Waiting for customer (resolution on hold)", person=_actor(event)
    ),
    EventKind.REPLIED: lambda event, policy: _("{person} *replied to the requester*", person=_actor(event)),
    EventKind.NOTED: lambda event, policy: _("{person} wrote an *internal note*", person=_actor(event)),
    EventKind.REQUESTER_WROTE: lambda event, policy: _("{person} *(requester)* replied", person=_actor(event)),
    EventKind.MESSAGE_EDITED: _edited_text,
    EventKind.MESSAGE_DELETED: _deleted_text,
    EventKind.CHANGED: _changed_text,
    EventKind.RESOLVED: _resolved_text,
    EventKind.REOPENED: lambda event, policy: _("{person} reopened it", person=_actor(event)),
    EventKind.CLOSED: lambda event, policy: _("{person} closed it", person=_actor(event)),
    EventKind.SNOOZED: lambda event, policy: _("{person} snoozed the alert", person=_actor(event)),
    EventKind.STEP_DONE: _step_done_text,
    EventKind.SLA_RECALCULATED: lambda event, policy: _("The SLA rules changed{due}", due=due_changes_text(event)),
    EventKind.EXTENDED: _extended_text,
    EventKind.EXTENSION_REQUESTED: _extension_requested_text,
    EventKind.EXTENSION_DECLINED: lambda event, policy: _("{person} declined the extension", person=_actor(event)),
    EventKind.HELP_REQUESTED: lambda event, policy: _("{person} asked for help", person=_actor(event)),
    EventKind.SKIPPED: lambda event, policy: _("{person} skipped it as their next ticket", person=_actor(event)),
}
