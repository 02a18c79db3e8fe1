"""The ticket's story, a line for each event: to the team in its thread, to the requester in theirs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from urllib.parse import quote as percent

from handlers.slack.blocks import Block, Message, actions, button, context, esc, line, moment, person, safe, section
from handlers.slack.ids import Button
from rules.calendars.timezones import zone
from rules.escalations.escalations import ADVICE_WORDS, Advice
from rules.model.policy import Policy
from rules.model.tickets import PRIORITY_WORDS, REPLY_BY_WORDS, Priority, ReplyBy
from rules.model.timers import ClockKind
from rules.presence.leave import end_words
from rules.reassignment import WHY_WORDS, Moving, Why
from storage.assignment.routing import ABSENT
from storage.events import DESK, Happened
from storage.schema.tickets import Event, Ticket

SAID = 2500
KIND_WORDS = {
    ClockKind.FIRST_RESPONSE: "first reply",
    ClockKind.NEXT_RESPONSE: "next reply",
    ClockKind.STEP: "step",
    ClockKind.EXPERT_ANSWER: "experts' answer",
    ClockKind.RESOLUTION: "solution",
}


def line_of(event: Event, ticket: Ticket, policy: Policy) -> Message:
    """What the team reads in the thread; internal notes and replies to the customer are told apart in words."""
    words = _LINES.get(Happened(event.kind), _plain)(event, policy)
    text = event.data.get("text")
    quote = f"\n>>> {esc(str(text), SAID)}" if text else ""
    content = [section(words + quote)]
    content += attached(ticket.files if event.kind == Happened.FILED else event.data.get("files", []))
    return Message(f"#{ticket.number}: {words}" + (f" “{line(str(text), 200)}”" if text else ""), content)


def to_requester(event: Event, ticket: Ticket, *, first: bool) -> Message:
    """What the requester reads: the first line names the ticket when it stands outside their own thread."""
    words = f"{person(event.by)} resolved" if event.kind == Happened.RESOLVED else f"{person(event.by)} replied about"
    head = f"{words} *#{ticket.number}* · {line(ticket.title)}" if first else f"{words} *#{ticket.number}*"
    said = str(event.data.get("text", ""))
    quote = f"\n>>> {esc(said, SAID)}" if said else ""
    content = [section(head + quote), *attached(event.data.get("files", []))]
    if event.kind == Happened.RESOLVED:
        content.append(actions(button("Reopen", Button.REOPEN, ticket.number, says=f"Reopen ticket {ticket.number}")))
    elif first:
        content.append(context("Answer in this thread: the team reads it."))
    spoken = f"{words} #{ticket.number} {line(ticket.title)}"
    return Message(spoken + (f": “{line(said, 300)}”" if said else ""), content)


def attached(files: Sequence[Mapping[str, str]]) -> list[Block]:
    """Files as links to where Slack keeps them; no block when there are none."""
    links = [f"📎 <{_address(one['url'])}|{line(one['name'], 80)}>" for one in files[:10] if one.get("url")]
    return [context(*links)] if links else []


def notice(words: str, quote: str, ticket: Ticket | None) -> Message:
    """A sentence of ours to one person, what somebody wrote, and the way to the ticket."""
    content = [section(words + (f"\n>>> {esc(quote, SAID)}" if quote else ""))]
    if ticket is not None:
        open_ = button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
        content += [context(line(ticket.title)), actions(open_)]
    return Message(words + (f" “{line(quote, 300)}”" if quote else ""), content)


def _address(url: str) -> str:
    """An address that cannot end its own link."""
    return percent(url, safe="/:?&=%#+@~.,-_")[:1500]


def _plain(event: Event, policy: Policy) -> str:
    return f"{person(event.by)}: {event.kind.replace('_', ' ')}"


def _filed(event: Event, policy: Policy) -> str:
    return f"{person(event.by)} filed it"


def _taken(event: Event, policy: Policy) -> str:
    before = event.data.get("before")
    return f"{person(event.by)} took it" + (f" over from {person(before)}" if before and before != event.by else "")


def _assigned(event: Event, policy: Policy) -> str:
    who = "Baton" if event.by == DESK else person(event.by)
    because = why_given(event)
    return f"{who} assigned it to {person(event.data['to'])}" + (f": {because}" if because else "")


def why_given(event: Event) -> str:
    """The reason for which it was given to just this person, ours with its mentions; empty where none was asked for."""
    reason = str(event.data.get("reason") or "")
    return safe(reason) if event.by == DESK else line(reason, 300)


def _passed(event: Event, policy: Policy) -> str:
    """Back with the team: by whoever was asked, or by the desk where they did not answer or were not here."""
    if event.by != DESK:
        return f"{person(event.by)} passed it back"
    why = "they are not here" if event.data.get("why") == ABSENT else "no answer in time"
    return f"Baton took it back from {person(event.data.get('from'))}: {why}"


def _handed(event: Event, policy: Policy) -> str:
    """From whom to whom, and why: moved with others, taken back, or handed over while somebody is away."""
    data, who = event.data, "Baton" if event.by == DESK else person(event.by)
    hands = f"from {person(data.get('from'))} to {person(data.get('to'))}"
    if data.get("did") in ("undone", "back"):
        again = "took the move back" if data["did"] == "undone" else "is back and took it"
        return f"{who} {again}: {hands}"
    left = f", as {WHY_WORDS[Why(data['left'])]}" if data.get("left") else ""
    why = because(data, policy, str(data.get("from")), event.at)
    return f"{who} moved it {hands}{left}{why}"


def because(told: Mapping[str, str], policy: Policy, giver: str, at: datetime) -> str:
    """Why a basket was moved, as far as nobody's hand says it; nothing where a person moved it."""
    if told.get("why") == Moving.GONE:
        return ": not in Slack any more"
    if told.get("why") == Moving.LEFT:
        return ": in no team here any more"
    if told.get("why") != Moving.AWAY:
        return ""
    if not told.get("until"):
        return ": away"
    until, place = datetime.fromisoformat(told["until"]), policy.calendar_for(giver, "").timezone
    ends_a_day = until.astimezone(zone(place)).time() == time()
    return f": away until {end_words(until, at, place) if ends_a_day else moment(until)}"


def _escalated(event: Event, policy: Policy) -> str:
    return f"{person(event.by)} escalated it to {line(policy.team(event.data['to']).name, 80)}"


def _rejected(event: Event, policy: Policy) -> str:
    return f"✗ {person(event.by)} rejected the escalation: {ADVICE_WORDS[Advice(event.data['advice'])]}"


def _accepted(event: Event, policy: Policy) -> str:
    """What the experts were told goes with the ticket, to whoever has it now."""
    told = [("*Why:* ", event.data.get("why")), ("*Tried:* ", event.data.get("tried"))]
    evidence = "".join(f"\n{head}{esc(str(said), 1000)}" for head, said in told if said)
    if event.assignee is None:
        now = f" for {line(policy.team(event.team).name, 80)}; nobody has it yet"
    else:
        now = " and has it now" if event.assignee == event.by else f"; {person(event.assignee)} has it now"
    return f"{person(event.by)} ✓ accepted the escalation{now}{evidence}"


def _voted(event: Event, policy: Policy) -> str:
    away = " and ".join(person(who) for who in event.data.get("standing_for", []))
    left = event.data.get("left", 1)
    others = "one more has" if left == 1 else f"{left} more have"
    return f"{person(event.by)} ✓ accepted the escalation{f' for {away}' if away else ''}; {others} to"


def _passed_over(event: Event, policy: Policy) -> str:
    """Who was waited for in vain; the first of the experts would have decided where nobody is named."""
    if event.data.get("away"):
        return f"{' and '.join(person(who) for who in event.data['away'])} is away now; somebody else is asked"
    if event.data.get("asked"):
        return f"The experts did not answer the escalation in time; {person(event.data['asked'])} is asked by name"
    late = " and ".join(person(who) for who in event.data.get("late", ()))
    return f"{late} did not answer the escalation in time; the next one is asked"


def _sent_on(event: Event, policy: Policy) -> str:
    if event.by == DESK:
        return "Nobody looked at the escalation in time: the experts are asked now"
    return f"{person(event.by)} looked at the escalation and sent it on to the experts"


def _redirected(event: Event, policy: Policy) -> str:
    was, to = (line(policy.team(event.data.get(key, "")).name, 80) for key in ("was", "to"))
    return f"{person(event.by)} redirected the escalation from {was} to {to}"


def _resolved(event: Event, policy: Policy) -> str:
    withdrawn = " and the escalation is withdrawn" if event.data.get("withdrew") else ""
    return f"{person(event.by)} ✓ resolved it{withdrawn}; the customer reads"


def _changed(event: Event, policy: Policy) -> str:
    parts = [_change(key, was, now, policy) for key, (was, now) in event.data.get("changed", {}).items()]
    return f"{person(event.by)} changed " + (", ".join(parts) if parts else "nothing") + moved(event)


def _change(key: str, was: str | None, now: str | None, policy: Policy) -> str:
    return f"{key.replace('_', ' ')} from {_shown(key, was, policy)} to {_shown(key, now, policy)}"


def _shown(key: str, word: str | None, policy: Policy) -> str:
    """A value in the words that the card has for it."""
    if word is None:
        return "none"
    named = {
        "priority": lambda: PRIORITY_WORDS[Priority(word)],
        "reply_by": lambda: REPLY_BY_WORDS[ReplyBy(word)],
        "type": lambda: line(policy.type(word).name, 80),
        "team": lambda: line(policy.team(word).name, 80),
    }
    return named[key]() if key in named else f"“{line(word, 150)}”"


def _step_done(event: Event, policy: Policy) -> str:
    late = " ⚠️ late" if event.data.get("late") else ""
    following = event.data.get("next")
    then = f"next: {line(str(following), 80)}" if following else "that was the last step"
    return f"{person(event.by)} ✓ did the step {line(str(event.data['step']), 80)}{late}; {then}"


def _promised_anew(event: Event, policy: Policy) -> str:
    return f"The desk's rules changed{moved(event)}"


def _extended(event: Event, policy: Policy) -> str:
    asker = event.data.get("asked_by")
    for_whom = f", as {person(asker)} asked" if asker else ""
    return f"{person(event.by)} gave it {event.data['more']} more{for_whom}{moved(event)}"


def moved(event: Event) -> str:
    """Which due times moved with it, from when to when; nothing when none did."""
    parts = [_one_moved(ClockKind(kind), was, now) for kind, (was, now) in event.data.get("due", {}).items()]
    return f": {'; '.join(parts)}" if parts else ""


def _one_moved(kind: ClockKind, was: str | None, now: str | None) -> str:
    words = KIND_WORDS[kind]
    if now is None:
        return f"{words} has no due time any more"
    due = moment(datetime.fromisoformat(now))
    return f"{words} due {due}" + (f", before {moment(datetime.fromisoformat(was))}" if was else "")


def _says(words: str) -> Callable[[Event, Policy], str]:
    return lambda event, policy: f"{person(event.by)} {words}"


_LINES: dict[Happened, Callable[[Event, Policy], str]] = {
    Happened.FILED: _filed,
    Happened.TAKEN: _taken,
    Happened.ASSIGNED: _assigned,
    Happened.HANDED: _handed,
    Happened.STARTED: _says("started"),
    Happened.PASSED: _passed,
    Happened.ESCALATED: _escalated,
    Happened.ACCEPTED: _accepted,
    Happened.VOTED: _voted,
    Happened.PASSED_OVER: _passed_over,
    Happened.REDIRECTED: _redirected,
    Happened.WITHDRAWN: _says("withdrew the escalation"),
    Happened.SENT_ON: _sent_on,
    Happened.RETURNED: _says("returned the escalation before it went to the experts"),
    Happened.REJECTED: _rejected,
    Happened.ASKED_BACK: _says("asks back (the experts' time is paused)"),
    Happened.ANSWERED: _says("answered the experts' question"),
    Happened.WAITING: _says("waits for the customer (the resolution time is paused)"),
    Happened.REPLIED: _says("*replied to the customer*"),
    Happened.NOTED: _says("wrote an *internal note*"),
    Happened.WROTE: _says("*(customer)* wrote"),
    Happened.CHANGED: _changed,
    Happened.RESOLVED: _resolved,
    Happened.REOPENED: _says("reopened it"),
    Happened.SNOOZED: _says("snoozed the alert"),
    Happened.STEP_DONE: _step_done,
    Happened.PROMISED_ANEW: _promised_anew,
    Happened.EXTENDED: _extended,
    Happened.ASKED_TIME: lambda event, policy: f"{person(event.by)} asks the lead for {event.data['more']} more",
    Happened.REFUSED_TIME: _says("gave it no more time"),
    Happened.ASKED_HELP: _says("asks for help"),
    Happened.SKIPPED: _says("skipped it as their next ticket"),
}
