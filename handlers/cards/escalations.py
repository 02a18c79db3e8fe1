"""The escalation's card: the evidence first, then the decision and who made it."""

from datetime import datetime

from handlers.cards import tickets
from handlers.cards.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    esc,
    field,
    form,
    line,
    moment,
    person,
    section,
    select,
    text_input,
)
from handlers.ids import Button, Form
from rules.clocks import ClockKind, ClockState
from rules.durations import words as lasting
from rules.escalations import ADVICE_WORDS, EscalationState
from rules.policy import Line, Policy
from storage.tables import Escalation, Ticket

EVIDENCE = 1200


def card(
    escalation: Escalation, ticket: Ticket, clocks: tickets.Clocks, policy: Policy, now: datetime, *, answer: str = ""
) -> Message:
    """The approval card; once decided it keeps its evidence, loses its buttons and says who decided, when and why."""
    team = line(policy.team(escalation.team).name, 80)
    blocks: list[Block] = [
        section(f"*Escalation to {team}:* {tickets.heading(ticket)}"),
        section(
            f"{person(escalation.asked_by)} asks: “{esc(escalation.why, EVIDENCE)}”\n"
            f"*Tried:* {esc(escalation.tried, EVIDENCE)}"
        ),
    ]
    if escalation.question:
        reply = f"\n*Answer:* {esc(answer, EVIDENCE)}" if answer else ""
        blocks.append(section(f"*Asked back:* {esc(escalation.question, EVIDENCE)}{reply}"))
    if escalation.decided_at is not None:
        return Message(_decided(escalation, ticket), [*blocks, section(_verdict(escalation, now))])
    blocks.append(context(f"{tickets.priority(ticket.priority)} · {_times(escalation, clocks, now)}"))
    blocks.append(_decision(escalation))
    return Message(
        f"Escalation of #{ticket.number} to {team}: {line(ticket.title)}. Accept, reject or ask back.", blocks
    )


def escalate_form(ticket: Ticket, policy: Policy) -> dict[str, object]:
    """Asks for the evidence: which experts, why, what was tried."""
    teams = [(team.name, team.key) for team in policy.teams.values() if team.line is Line.EXPERT]
    likely = policy.type(ticket.type).experts
    blocks = [
        *tickets.head(ticket, policy),
        field("Expert team", select("team", teams, chosen=likely)),
        field("Why", text_input("why", multiline=True), hint="What do you need the experts to find or decide?"),
        field("What was tried", text_input("tried", multiline=True), hint="So that nobody does it twice."),
    ]
    return form(Form.ESCALATE, f"Escalate #{ticket.number}", blocks, submit="Escalate", about=str(ticket.number))


def reject_form(ticket: Ticket, round_: int, policy: Policy) -> dict[str, object]:
    """Asks why, coded so that it can be counted, and what first line should do next."""
    reasons = [(words.capitalize(), str(code)) for code, words in ADVICE_WORDS.items()]
    blocks = [
        *tickets.head(ticket, policy),
        field("Reason", select("advice", reasons)),
        field("Advice", text_input("comment", multiline=True), hint="First line reads this: what should they do next?"),
    ]
    about = f"{ticket.number}.{round_}"
    return form(Form.REJECT, f"Reject #{ticket.number}", blocks, submit="Reject", about=about)


def ask_back_form(ticket: Ticket, round_: int, policy: Policy) -> dict[str, object]:
    """Asks what the experts need to know."""
    question = field("Question", text_input("question", multiline=True), hint="Your answering time pauses meanwhile.")
    blocks, about = [*tickets.head(ticket, policy), question], f"{ticket.number}.{round_}"
    return form(Form.ASK_BACK, f"Ask back about #{ticket.number}", blocks, submit="Ask", about=about)


def _decision(escalation: Escalation) -> Block:
    about = f"{escalation.number}.{escalation.round}"
    return actions(
        button("Accept", Button.ACCEPT, about, style="primary", says=f"Accept escalation {escalation.number}"),
        button("Reject…", Button.REJECT, about, says=f"Reject escalation {escalation.number}"),
        button("Ask back…", Button.ASK_BACK, about, says=f"Ask back about {escalation.number}"),
        button("Open", Button.OPEN, escalation.number, says=f"Open ticket {escalation.number}"),
    )


def _times(escalation: Escalation, clocks: tickets.Clocks, now: datetime) -> str:
    customer = clocks.get(ClockKind.RESOLUTION)
    parts = []
    if customer is not None and customer.state is ClockState.RUNNING:
        late = "⚠️ overdue since" if customer.due_at < now else "done by"
        parts.append(f"customer's clock: {late} {moment(customer.due_at)}")
    if escalation.state is EscalationState.ASKED_BACK:
        parts.append("your clock is paused until first line answers")
    else:
        late = "⚠️ your answer was due" if escalation.answer_due_at < now else "your answer by"
        parts.append(f"{late} {moment(escalation.answer_due_at)}")
    return " · ".join(parts)


def _verdict(escalation: Escalation, now: datetime) -> str:
    at = escalation.decided_at or now
    by = person(escalation.decided_by)
    waited = lasting(int((at - escalation.asked_at).total_seconds()))
    if escalation.state is EscalationState.ACCEPTED:
        return f"✓ Accepted by {by} {moment(at)} (after {waited})"
    if escalation.state is EscalationState.WITHDRAWN:
        return f"Withdrawn {moment(at)}: {by} resolved the ticket first"
    why = ADVICE_WORDS[escalation.advice] if escalation.advice else "no reason given"
    return f"✗ Rejected by {by} {moment(at)}: {why}. “{esc(escalation.comment or '', EVIDENCE)}”"


def _decided(escalation: Escalation, ticket: Ticket) -> str:
    verb = {EscalationState.ACCEPTED: "accepted", EscalationState.REJECTED: "rejected"}.get(
        escalation.state, "withdrawn"
    )
    return f"Escalation of #{ticket.number} {line(ticket.title)}: {verb} by {person(escalation.decided_by)}."
