"""The escalation card: the evidence first, then the decision and who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import escape, escape_line, local_time, mention
from handlers.tickets.cards.forms import refusal_page, ticket_form
from handlers.tickets.cards.ticket import Timers, open_button, priority_text, ticket_heading
from rules.alerts import has_alerted
from rules.calendars.durations import format_seconds as lasting
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.policy import Policy, SupportLine, Team
from rules.model.timers import TimerKind, TimerState
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation, Ticket

EVIDENCE_LIMIT = 1200
APPROVERS_SHOWN = 8
_DECISIONS = (ApproverAnswer.ACCEPTED, ApproverAnswer.REJECTED)
_ANSWER_TEXTS = {
    ApproverAnswer.ACCEPTED: "✓ accepted by",
    ApproverAnswer.REJECTED: "✗ rejected by",
    ApproverAnswer.PASSED_OVER: "no answer in time from",
}
_STATE_TEXTS = {
    EscalationState.ACCEPTED: "accepted",
    EscalationState.REJECTED: "rejected",
    EscalationState.WITHDRAWN: "withdrawn",
    EscalationState.REDIRECTED: "redirected",
    EscalationState.RETURNED: "returned",
}


@dataclass(frozen=True, slots=True)
class EscalationDetails:
    """Earlier rounds that were redirected, the approvers in order, and the answer to the experts' question.

    `recipient` is the approver whose direct message this is; None in a channel.
    """

    answer: str = ""
    approvals: Sequence[ApproverRow] = ()
    earlier_rounds: Sequence[Escalation] = ()
    recipient: str | None = None

    @property
    def may_decide(self) -> bool:
        """Whether this copy has buttons: always in a channel; in a direct message only while this approver is asked."""
        waiting = [one for one in self.approvals if one.asked and one.answer is None]
        return self.recipient is None or any(self.recipient in (one.asked, one.person) for one in waiting)


NO_DETAILS = EscalationDetails()


def escalation_card(
    escalation: Escalation,
    ticket: Ticket,
    timers: Timers,
    policy: Policy,
    now: datetime,
    *,
    details: EscalationDetails = NO_DETAILS,
) -> Message:
    """Once decided, the card keeps its evidence, loses its buttons and says who decided, when and why."""
    team = blocks.name_of(policy.team(escalation.team))
    way = open_button(ticket.number) if escalation.decided_at is None else None
    content: list[Block] = [
        blocks.section(f"*Escalation to {team}:* {ticket_heading(ticket)}", accessory=way),
        *_redirect_history(details.earlier_rounds, policy),
        evidence_section(escalation),
    ]
    if escalation.question:
        reply = f"\n*Answer:* {escape(details.answer, EVIDENCE_LIMIT)}" if details.answer else ""
        content.append(blocks.section(f"*Asked back:* {escape(escalation.question, EVIDENCE_LIMIT)}{reply}"))
    if escalation.decided_at is not None:
        verdict = blocks.section(_verdict_text(escalation, policy, now))
        approvers = _approvers_block(escalation, details.approvals)
        return Message(_decided_sentence(escalation, ticket), [*content, *approvers, verdict])
    content += _approvers_block(escalation, details.approvals)
    content.append(blocks.context(f"{priority_text(ticket.priority)} · {_due_times_text(escalation, timers, now)}"))
    spoken = f"Escalation of #{ticket.number} to {team}: {escape_line(ticket.title)}."
    if not details.may_decide:
        return Message(f"{spoken} It waits for others.", content)
    other = bool(other_expert_teams(policy, escalation, details.earlier_rounds))
    verbs = "Accept, reject, redirect or ask back." if other else "Accept, reject or ask back."
    return Message(f"{spoken} {verbs}", [*content, _decision_buttons(escalation, can_redirect=other)])


def evidence_section(escalation: Escalation) -> Block:
    why, tried = escape(escalation.why, EVIDENCE_LIMIT), escape(escalation.tried, EVIDENCE_LIMIT)
    return blocks.section(f"{mention(escalation.asked_by)} asks: “{why}”\n*Tried:* {tried}")


def other_expert_teams(policy: Policy, escalation: Escalation, earlier_rounds: Sequence[Escalation]) -> list[Team]:
    """Experts who could be asked instead; teams that redirected the escalation are not asked again."""
    not_again = {escalation.team, *(one.team for one in earlier_rounds)}
    return [team for team in policy.teams.values() if team.line is SupportLine.EXPERT and team.key not in not_again]


def escalate_form(ticket: Ticket, policy: Policy) -> Modal:
    teams = [(team.name, team.key) for team in policy.teams.values() if team.line is SupportLine.EXPERT]
    likely = policy.type(ticket.type).expert_team
    fields = (
        blocks.input_field("Expert team", blocks.select("team", teams, chosen=likely)),
        blocks.text_field("Why", "why", hint="What do you need the experts to find or decide?"),
        blocks.text_field("What was tried", "tried", hint="So that nobody does it twice."),
    )
    return ticket_form(Form.ESCALATE, "Escalate", ticket, policy, *fields)


def reject_form(ticket: Ticket, round_: int, policy: Policy) -> Modal:
    """Asks for a coded reason, so that reasons can be counted, and for advice to first line."""
    reasons = [(str(code.label).capitalize(), str(code)) for code in RejectionReason]
    reason = blocks.input_field("Reason", blocks.select("advice", reasons))
    advice = blocks.text_field("Advice", "comment", hint="First line reads this: what should they do next?")
    about = f"{ticket.number}.{round_}"
    return ticket_form(Form.REJECT, "Reject", ticket, policy, reason, advice, metadata=about)


def request_info_form(ticket: Ticket, round_: int, policy: Policy) -> Modal:
    question = blocks.text_field("Question", "question", hint="Your answering time pauses meanwhile.")
    about = f"{ticket.number}.{round_}"
    return ticket_form(Form.REQUEST_INFO, "Ask back about", ticket, policy, question, submit="Ask", metadata=about)


def redirect_form(
    ticket: Ticket, escalation: Escalation, policy: Policy, earlier_rounds: Sequence[Escalation] = ()
) -> Modal:
    others = [(team.name, team.key) for team in other_expert_teams(policy, escalation, earlier_rounds)]
    if not others:
        words = "There are no other experts here. Reject it with advice instead."
        return refusal_page("Redirect", ticket, policy, words)
    to = blocks.input_field("To", blocks.select("team", others))
    reason = blocks.text_field("Reason", "reason", hint="The other experts and first line read this.")
    about = f"{ticket.number}.{escalation.round}"
    return ticket_form(Form.REDIRECT, "Redirect", ticket, policy, to, reason, metadata=about)


def _redirect_history(chain: Sequence[Escalation], policy: Policy) -> list[Block]:
    lines = [
        f"↪ Redirected by {mention(one.decided_by)} from {blocks.name_of(policy.team(one.team))}: "
        f"“{escape_line(one.comment or '', 300)}”"
        for one in chain[-5:]
    ]
    return [blocks.context("\n".join(lines))] if lines else []


def _approvers_block(escalation: Escalation, approvals: Sequence[ApproverRow]) -> list[Block]:
    if not approvals or escalation.approving is None:
        return []
    if escalation.approving is ApprovalMode.ANY:
        approver_texts = [] if escalation.decided_at else [_approver_text(one) for one in approvals]
        return [blocks.context(f"Whoever is first decides: {' · '.join(approver_texts)}")] if approver_texts else []
    in_order = escalation.approving is ApprovalMode.IN_ORDER
    head = "Decides alone"
    if len(approvals) > 1:
        head = "One after another" if in_order else "All of them"
    approver_rows = [_approver_text(one) for one in approvals]
    if len(approver_rows) > APPROVERS_SHOWN:
        approver_rows = [*approver_rows[:APPROVERS_SHOWN], f"and {len(approver_rows) - APPROVERS_SHOWN} more"]
    return [blocks.context(f"{head}: {' · '.join(approver_rows)}")]


def _approver_text(approval: ApproverRow) -> str:
    who = mention(approval.answered_by if approval.answer in _DECISIONS else approval.asked or approval.person)
    for_whom = "" if who == mention(approval.person) else f" for {mention(approval.person)}"
    if approval.answer is not None:
        at = f" {local_time(approval.answered_at)}" if approval.answered_at else ""
        return f"{_ANSWER_TEXTS[approval.answer]} {who}{for_whom}{at}"
    return f"⏳ waits for {who}{for_whom}" if approval.asked else f"then {who}"


def _decision_buttons(escalation: Escalation, *, can_redirect: bool) -> Block:
    number, about = escalation.number, f"{escalation.number}.{escalation.round}"
    on = blocks.button("Redirect…", Button.REDIRECT, about, spoken=f"Redirect escalation {number}")
    return blocks.actions(
        blocks.button("Accept", Button.ACCEPT, about, style="primary", spoken=f"Accept escalation {number}"),
        blocks.button("Reject…", Button.REJECT, about, spoken=f"Reject escalation {number}"),
        *([on] if can_redirect else []),
        blocks.button("Ask back…", Button.REQUEST_INFO, about, spoken=f"Ask back about {number}"),
    )


def _due_times_text(escalation: Escalation, timers: Timers, now: datetime) -> str:
    customer = timers.get(TimerKind.RESOLUTION)
    parts = []
    if customer is not None and customer.state is TimerState.RUNNING:
        late = "⚠️ overdue since" if customer.due_at < now else "done by"
        parts.append(f"customer's clock: {late} {local_time(customer.due_at)}")
    if escalation.state is EscalationState.INFO_REQUESTED:
        parts.append("your clock is paused until first line answers")
    else:
        answer = timers.get(TimerKind.EXPERT_ANSWER)
        by = "⏳ your answer by" if answer is not None and has_alerted(answer) else "your answer by"
        late = "⚠️ your answer was due" if escalation.answer_due_at < now else by
        parts.append(f"{late} {local_time(escalation.answer_due_at)}")
    return " · ".join(parts)


def _verdict_text(escalation: Escalation, policy: Policy, now: datetime) -> str:
    at = escalation.decided_at or now
    when = f"{mention(escalation.decided_by)} {local_time(at)}"
    comment = f"“{escape(escalation.comment or '', EVIDENCE_LIMIT)}”"
    if escalation.state is EscalationState.ACCEPTED:
        return f"✓ Accepted by {when} (after {lasting(int((at - escalation.asked_at).total_seconds()))})"
    if escalation.state is EscalationState.WITHDRAWN:
        by = mention(escalation.decided_by)
        return f"Withdrawn {local_time(at)} by {by}: no answer is needed any more"
    if escalation.state is EscalationState.REDIRECTED:
        return f"↪ Redirected by {when} to {blocks.name_of(policy.team(escalation.redirected_to or ''))}. {comment}"
    if escalation.state is EscalationState.RETURNED:
        return f"Returned by {when} before it was asked. {comment}"
    why = escalation.advice.label if escalation.advice else "no reason given"
    return f"✗ Rejected by {when}: {why}. {comment}"


def _decided_sentence(escalation: Escalation, ticket: Ticket) -> str:
    ended = f"{_STATE_TEXTS.get(escalation.state, 'ended')} by {mention(escalation.decided_by)}"
    return f"Escalation of #{ticket.number} {escape_line(ticket.title)}: {ended}."
