"""The escalation's card: the evidence first, then the decision and who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    esc,
    field,
    form,
    line,
    moment,
    page,
    person,
    section,
    select,
    text_input,
)
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
from rules.alerts import told
from rules.calendars.durations import words as lasting
from rules.escalations.approvals import Answer
from rules.escalations.escalations import ADVICE_WORDS, EscalationState
from rules.model.approval import Approving
from rules.model.policy import Line, Policy, Team
from rules.model.timers import ClockKind, ClockState
from storage.schema.escalations import Vote
from storage.schema.tickets import Escalation, Ticket

EVIDENCE = 1200
BOARD = 8
_SAID = (Answer.ACCEPTED, Answer.REJECTED)
_SIGN = {
    Answer.ACCEPTED: "✓ accepted by",
    Answer.REJECTED: "✗ rejected by",
    Answer.PASSED_OVER: "no answer in time from",
}
_VERBS = {
    EscalationState.ACCEPTED: "accepted",
    EscalationState.REJECTED: "rejected",
    EscalationState.WITHDRAWN: "withdrawn",
    EscalationState.REDIRECTED: "redirected",
    EscalationState.RETURNED: "returned",
}


@dataclass(frozen=True, slots=True)
class Way:
    """How the question came here and who decides it: earlier rounds that were redirected, the approvers in their order,
    the answer to what was asked back. `reader` is whose copy this is; None for that of the channel."""

    answer: str = ""
    votes: Sequence[Vote] = ()
    chain: Sequence[Escalation] = ()
    reader: str | None = None

    @property
    def may_decide(self) -> bool:
        """Whether this copy has buttons: in the channel always, in somebody's own while they are asked, or somebody is
        in their place."""
        waiting = [one for one in self.votes if one.asked and one.answer is None]
        return self.reader is None or any(self.reader in (one.asked, one.person) for one in waiting)


ALONE = Way()


def card(
    escalation: Escalation,
    ticket: Ticket,
    clocks: ticket_cards.Clocks,
    policy: Policy,
    now: datetime,
    *,
    way: Way = ALONE,
) -> Message:
    """The approval card; once decided it keeps its evidence, loses its buttons and says who decided, when and why."""
    team = line(policy.team(escalation.team).name, 80)
    content: list[Block] = [
        section(f"*Escalation to {team}:* {ticket_cards.heading(ticket)}", accessory=_open(escalation)),
        *_chain(way.chain, policy),
        section(
            f"{person(escalation.asked_by)} asks: “{esc(escalation.why, EVIDENCE)}”\n"
            f"*Tried:* {esc(escalation.tried, EVIDENCE)}"
        ),
    ]
    if escalation.question:
        reply = f"\n*Answer:* {esc(way.answer, EVIDENCE)}" if way.answer else ""
        content.append(section(f"*Asked back:* {esc(escalation.question, EVIDENCE)}{reply}"))
    if escalation.decided_at is not None:
        verdict = section(_verdict(escalation, policy, now))
        return Message(_decided(escalation, ticket), [*content, *_board(escalation, way.votes), verdict])
    content += _board(escalation, way.votes)
    content.append(context(f"{ticket_cards.priority(ticket.priority)} · {_times(escalation, clocks, now)}"))
    spoken = f"Escalation of #{ticket.number} to {team}: {line(ticket.title)}."
    if not way.may_decide:
        return Message(f"{spoken} It waits for others.", content)
    other = bool(elsewhere(policy, escalation, way.chain))
    verbs = "Accept, reject, redirect or ask back." if other else "Accept, reject or ask back."
    return Message(f"{spoken} {verbs}", [*content, _decision(escalation, redirects=other)])


def elsewhere(policy: Policy, escalation: Escalation, chain: Sequence[Escalation]) -> list[Team]:
    """The other experts who could be asked; those who sent it here are not asked again."""
    not_again = {escalation.team, *(one.team for one in chain)}
    return [team for team in policy.teams.values() if team.line is Line.EXPERT and team.key not in not_again]


def escalate_form(ticket: Ticket, policy: Policy) -> dict[str, object]:
    """Asks for the evidence: which experts, why, what was tried."""
    teams = [(team.name, team.key) for team in policy.teams.values() if team.line is Line.EXPERT]
    likely = policy.type(ticket.type).experts
    content = [
        *ticket_cards.head(ticket, policy),
        field("Expert team", select("team", teams, chosen=likely)),
        field("Why", text_input("why", multiline=True), hint="What do you need the experts to find or decide?"),
        field("What was tried", text_input("tried", multiline=True), hint="So that nobody does it twice."),
    ]
    return form(Form.ESCALATE, f"Escalate #{ticket.number}", content, submit="Escalate", about=str(ticket.number))


def reject_form(ticket: Ticket, round_: int, policy: Policy) -> dict[str, object]:
    """Asks why, coded so that it can be counted, and what first line should do next."""
    reasons = [(words.capitalize(), str(code)) for code, words in ADVICE_WORDS.items()]
    content = [
        *ticket_cards.head(ticket, policy),
        field("Reason", select("advice", reasons)),
        field("Advice", text_input("comment", multiline=True), hint="First line reads this: what should they do next?"),
    ]
    about = f"{ticket.number}.{round_}"
    return form(Form.REJECT, f"Reject #{ticket.number}", content, submit="Reject", about=about)


def ask_back_form(ticket: Ticket, round_: int, policy: Policy) -> dict[str, object]:
    """Asks what the experts need to know."""
    question = field("Question", text_input("question", multiline=True), hint="Your answering time pauses meanwhile.")
    content, about = [*ticket_cards.head(ticket, policy), question], f"{ticket.number}.{round_}"
    return form(Form.ASK_BACK, f"Ask back about #{ticket.number}", content, submit="Ask", about=about)


def redirect_form(
    ticket: Ticket, escalation: Escalation, policy: Policy, chain: Sequence[Escalation] = ()
) -> dict[str, object]:
    """Asks whose question it is, and why."""
    others = [(team.name, team.key) for team in elsewhere(policy, escalation, chain)]
    if not others:
        words = "There are no other experts here. Reject it with advice instead."
        return page(f"Redirect #{ticket.number}", [*ticket_cards.head(ticket, policy), section(words)])
    content = [
        *ticket_cards.head(ticket, policy),
        field("To", select("team", others)),
        field("Reason", text_input("reason", multiline=True), hint="The other experts and first line read this."),
    ]
    about = f"{ticket.number}.{escalation.round}"
    return form(Form.REDIRECT, f"Redirect #{ticket.number}", content, submit="Redirect", about=about)


def _chain(chain: Sequence[Escalation], policy: Policy) -> list[Block]:
    """Who sent it here, from where and why."""
    lines = [
        f"↪ Redirected by {person(one.decided_by)} from {line(policy.team(one.team).name, 80)}: "
        f"“{line(one.comment or '', 300)}”"
        for one in chain[-5:]
    ]
    return [context("\n".join(lines))] if lines else []


def _board(escalation: Escalation, votes: Sequence[Vote]) -> list[Block]:
    """Whose yes is needed, who has said it, whom it waits for now, who comes after."""
    if not votes or escalation.approving is None:
        return []
    if escalation.approving is Approving.ANY:
        asked = [] if escalation.decided_at else [_seat(one) for one in votes]
        return [context(f"Whoever is first decides: {' · '.join(asked)}")] if asked else []
    in_order = escalation.approving is Approving.IN_ORDER
    head = "One after another" if in_order and len(votes) > 1 else "All of them" if len(votes) > 1 else "Decides alone"
    seats = [_seat(one) for one in votes]
    if len(seats) > BOARD:
        seats = [*seats[:BOARD], f"and {len(seats) - BOARD} more"]
    return [context(f"{head}: {' · '.join(seats)}")]


def _seat(vote: Vote) -> str:
    who = person(vote.answered_by if vote.answer in _SAID else vote.asked or vote.person)
    for_whom = "" if who == person(vote.person) else f" for {person(vote.person)}"
    if vote.answer is not None:
        at = f" {moment(vote.answered_at)}" if vote.answered_at else ""
        return f"{_SIGN[vote.answer]} {who}{for_whom}{at}"
    return f"⏳ waits for {who}{for_whom}" if vote.asked else f"then {who}"


def _decision(escalation: Escalation, *, redirects: bool) -> Block:
    """Where there are no other experts, *Redirect…* would lead nowhere."""
    about = f"{escalation.number}.{escalation.round}"
    on = button("Redirect…", Button.REDIRECT, about, says=f"Redirect escalation {escalation.number}")
    return actions(
        button("Accept", Button.ACCEPT, about, style="primary", says=f"Accept escalation {escalation.number}"),
        button("Reject…", Button.REJECT, about, says=f"Reject escalation {escalation.number}"),
        *([on] if redirects else []),
        button("Ask back…", Button.ASK_BACK, about, says=f"Ask back about {escalation.number}"),
    )


def _open(escalation: Escalation) -> Element | None:
    """The way to the ticket; a decided card has no buttons."""
    if escalation.decided_at is not None:
        return None
    return button("Open", Button.OPEN, escalation.number, says=f"Open ticket {escalation.number}")


def _times(escalation: Escalation, clocks: ticket_cards.Clocks, now: datetime) -> str:
    customer = clocks.get(ClockKind.RESOLUTION)
    parts = []
    if customer is not None and customer.state is ClockState.RUNNING:
        late = "⚠️ overdue since" if customer.due_at < now else "done by"
        parts.append(f"customer's clock: {late} {moment(customer.due_at)}")
    if escalation.state is EscalationState.ASKED_BACK:
        parts.append("your clock is paused until first line answers")
    else:
        answer = clocks.get(ClockKind.EXPERT_ANSWER)
        by = "⏳ your answer by" if answer is not None and told(answer) else "your answer by"
        late = "⚠️ your answer was due" if escalation.answer_due_at < now else by
        parts.append(f"{late} {moment(escalation.answer_due_at)}")
    return " · ".join(parts)


def _verdict(escalation: Escalation, policy: Policy, now: datetime) -> str:
    at = escalation.decided_at or now
    by = person(escalation.decided_by)
    waited = lasting(int((at - escalation.asked_at).total_seconds()))
    if escalation.state is EscalationState.ACCEPTED:
        return f"✓ Accepted by {by} {moment(at)} (after {waited})"
    if escalation.state is EscalationState.WITHDRAWN:
        return f"Withdrawn {moment(at)} by {by}: no answer is needed any more"
    if escalation.state is EscalationState.REDIRECTED:
        to = line(policy.team(escalation.redirected_to or "").name, 80)
        return f"↪ Redirected by {by} {moment(at)} to {to}. “{esc(escalation.comment or '', EVIDENCE)}”"
    if escalation.state is EscalationState.RETURNED:
        return f"Returned by {by} {moment(at)} before it was asked. “{esc(escalation.comment or '', EVIDENCE)}”"
    why = ADVICE_WORDS[escalation.advice] if escalation.advice else "no reason given"
    return f"✗ Rejected by {by} {moment(at)}: {why}. “{esc(escalation.comment or '', EVIDENCE)}”"


def _decided(escalation: Escalation, ticket: Ticket) -> str:
    verb = _VERBS.get(escalation.state, "ended")
    return f"Escalation of #{ticket.number} {line(ticket.title)}: {verb} by {person(escalation.decided_by)}."
