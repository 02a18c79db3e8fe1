"""The escalation card: the evidence first, then the decision and who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, escape, join, render
from handlers.tickets.cards.forms import refusal_page, ticket_form
from handlers.tickets.cards.ticket import Timers, open_button, priority_text, ticket_heading
from rules.alerts import has_alerted
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.policy import Policy, SupportLine, Team
from rules.model.timers import TimerKind, TimerState
from rules.text import Duration, Moment, Person, Text, TicketNumber, _
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation, Ticket

EVIDENCE_LIMIT = 1200
APPROVERS_SHOWN = 8
_DECISIONS = (ApproverAnswer.ACCEPTED, ApproverAnswer.REJECTED)


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
    """Once decided, the card keeps its evidence, loses its buttons and says who decided, when, after how long, why."""
    team = policy.team(escalation.team).name
    head = bold(_("Escalation to {team}:", team=team))
    content: list[Block] = [
        blocks.section(join(" ", [head, ticket_heading(ticket)])),
        *_redirect_history(details.earlier_rounds, policy),
        evidence_section(escalation),
    ]
    if escalation.question:
        content.append(blocks.section(_question_text(escalation.question, details.answer)))
    if escalation.decided_at is not None:
        verdict = blocks.section(join(" ", [_verdict_text(escalation, policy, now), *_comment(escalation)]))
        approvers = _approvers_block(escalation, details.approvals)
        return Message(_decided_sentence(escalation, ticket), [*content, *approvers, verdict])
    content += _approvers_block(escalation, details.approvals)
    content.append(blocks.context(join(" · ", [priority_text(ticket.priority), *_due_times(escalation, timers, now)])))
    number, title = TicketNumber(ticket.number), ticket.title
    spoken = _("Escalation of {ticket} to {team}: {title}.", ticket=number, team=team, title=title)
    if not details.may_decide:
        way = blocks.actions(open_button(ticket.number))
        return Message(join(" ", [spoken, _("Waiting for other approvers.")]), [*content, way])
    other = bool(other_expert_teams(policy, escalation, details.earlier_rounds))
    verbs = (
        _("Accept, reject, redirect or request information.") if other else _("Accept, reject or request information.")
    )
    return Message(join(" ", [spoken, verbs]), [*content, _decision_buttons(escalation, can_redirect=other)])


def _question_text(question: str, answer: str) -> Markup:
    lines = [_("*Information requested:* {question}", question=escape(question, EVIDENCE_LIMIT))]
    lines += [_("*Answer:* {answer}", answer=escape(answer, EVIDENCE_LIMIT))] if answer else []
    return join("\n", lines)


def evidence_section(escalation: Escalation) -> Block:
    why, tried = escape(escalation.why, EVIDENCE_LIMIT), escape(escalation.tried, EVIDENCE_LIMIT)
    asked = _("{person}: “{why}”", person=Person(escalation.asked_by), why=why)
    return blocks.section(join("\n", [asked, _("*Tried:* {tried}", tried=tried)]))


def other_expert_teams(policy: Policy, escalation: Escalation, earlier_rounds: Sequence[Escalation]) -> list[Team]:
    """Experts who could be asked instead; teams that redirected the escalation are not asked again."""
    not_again = {escalation.team, *(one.team for one in earlier_rounds)}
    return [team for team in policy.teams.values() if team.line is SupportLine.EXPERT and team.key not in not_again]


def escalate_form(ticket: Ticket, policy: Policy) -> Modal:
    teams = [(team.name, team.key) for team in policy.teams.values() if team.line is SupportLine.EXPERT]
    likely = policy.type(ticket.type).expert_team
    fields = (
        blocks.input_field(_("Expert team"), blocks.select("team", teams, chosen=likely)),
        blocks.text_field(_("Why"), "why", hint=_("What do you need the experts to find or decide?")),
        blocks.text_field(_("What was tried"), "tried", hint=_("So that nobody tries it twice.")),
    )
    return ticket_form(Form.ESCALATE, _("Escalate"), ticket, policy, *fields)


def reject_form(ticket: Ticket, round_: int, policy: Policy) -> Modal:
    """Asks for a coded reason, so that reasons can be counted, and for a comment to first line."""
    reason = blocks.input_field(_("Reason"), blocks.select("advice", blocks.labelled_options(RejectionReason)))
    hint = _("First line reads this: what should they do next?")
    advice = blocks.text_field(_("Comment"), "comment", hint=hint)
    about = f"{ticket.number}.{round_}"
    return ticket_form(Form.REJECT, _("Reject"), ticket, policy, reason, advice, metadata=about)


def request_info_form(ticket: Ticket, round_: int, policy: Policy) -> Modal:
    question = blocks.text_field(
        _("Question"), "question", hint=_("The time that you have to decide is on hold until it is answered.")
    )
    about = f"{ticket.number}.{round_}"
    return ticket_form(
        Form.REQUEST_INFO, _("Info on"), ticket, policy, question, submit=_("Request info"), metadata=about
    )


def redirect_form(
    ticket: Ticket, escalation: Escalation, policy: Policy, earlier_rounds: Sequence[Escalation] = ()
) -> Modal:
    others = [(team.name, team.key) for team in other_expert_teams(policy, escalation, earlier_rounds)]
    if not others:
        words = _("There is no other expert team to redirect it to. Reject it with a comment instead.")
        return refusal_page(_("Redirect"), ticket, policy, words)
    to = blocks.input_field(_("To"), blocks.select("team", others))
    reason = blocks.text_field(_("Reason"), "reason", hint=_("The other experts and first line read this."))
    about = f"{ticket.number}.{escalation.round}"
    return ticket_form(Form.REDIRECT, _("Redirect"), ticket, policy, to, reason, metadata=about)


def _redirect_history(chain: Sequence[Escalation], policy: Policy) -> list[Block]:
    """Every earlier round: there are at most as many as expert teams, since none of them is asked twice."""
    lines = [
        _(
            "↪ Redirected by {person} from {team}: “{reason}”",
            person=Person(one.decided_by or ""),
            team=policy.team(one.team).name,
            reason=one.comment or "",
        )
        for one in chain
    ]
    return [blocks.context(join("\n", lines))] if lines else []


def _approvers_block(escalation: Escalation, approvals: Sequence[ApproverRow]) -> list[Block]:
    """Where anybody may decide, the approvers who are asked by name, until it is decided."""
    if not approvals or escalation.approving is None:
        return []
    if escalation.approving is ApprovalMode.ANY:
        if escalation.decided_at:
            return []
        head = _("The first answer decides:")
    elif len(approvals) == 1:
        head = _("Approver:")
    elif escalation.approving is ApprovalMode.IN_ORDER:
        head = _("Approvers, one after another:")
    else:
        head = _("Approvers, all of them:")
    rows = [_approver_text(one) for one in approvals[:APPROVERS_SHOWN]]
    more = len(approvals) - len(rows)
    rows += [_("and {count} more", count=more)] if more else []
    return [blocks.context(join(" ", [head, join(" · ", rows)]))]


def _approver_text(approval: ApproverRow) -> Text:
    person = (approval.answered_by if approval.answer in _DECISIONS else approval.asked) or approval.person
    who = Text("{person}", {"person": Person(person)})
    if person != approval.person:
        who = _("{person} for {absent}", person=who, absent=Person(approval.person))
    if approval.answer is None:
        return _("⏳ waiting for {person}", person=who) if approval.asked else _("then {person}", person=who)
    at = Moment(approval.answered_at) if approval.answered_at else ""
    if approval.answer is ApproverAnswer.ACCEPTED:
        return _("✓ accepted by {person} {at}", person=who, at=at)
    if approval.answer is ApproverAnswer.REJECTED:
        return _("✗ rejected by {person} {at}", person=who, at=at)
    return _("no answer in time from {person} {at}", person=who, at=at)


def _decision_buttons(escalation: Escalation, *, can_redirect: bool) -> Block:
    number, about = escalation.number, f"{escalation.number}.{escalation.round}"
    accept = _("Accept the escalation of ticket {number}", number=number)
    reject = _("Reject the escalation of ticket {number}", number=number)
    request = _("Request information on ticket {number}", number=number)
    redirect = _("Redirect the escalation of ticket {number}", number=number)
    return blocks.actions(
        blocks.button(_("Accept"), Button.ACCEPT, about, style="primary", spoken=accept),
        blocks.button(_("Reject…"), Button.REJECT, about, spoken=reject),
        blocks.button(_("Request info…"), Button.REQUEST_INFO, about, spoken=request),
        *([blocks.button(_("Redirect…"), Button.REDIRECT, about, spoken=redirect)] if can_redirect else []),
        open_button(number),
    )


def _due_times(escalation: Escalation, timers: Timers, now: datetime) -> list[Text]:
    """When the customer's resolution and the experts' answer are due."""
    parts, resolution = list[Text](), timers.get(TimerKind.RESOLUTION)
    if resolution is not None and resolution.state is TimerState.RUNNING:
        at = Moment(resolution.due_at)
        late = resolution.due_at < now
        parts.append(_("⚠️ resolution SLA breached, was due {at}", at=at) if late else _("resolution due {at}", at=at))
    due = Moment(escalation.answer_due_at)
    answer = timers.get(TimerKind.EXPERT_ANSWER)
    if escalation.state is EscalationState.INFO_REQUESTED:
        return [*parts, _("your answer: on hold, waiting for information")]
    if escalation.answer_due_at < now:
        return [*parts, _("⚠️ your answer was due {at}", at=due)]
    if answer is not None and has_alerted(answer):
        return [*parts, _("⏳ your answer due {at}", at=due)]
    return [*parts, _("your answer due {at}", at=due)]


def _verdict_text(escalation: Escalation, policy: Policy, now: datetime) -> Text:
    decided_at, person = escalation.decided_at or now, Person(escalation.decided_by or "")
    at, after = Moment(decided_at), Duration((decided_at - escalation.asked_at).total_seconds())
    if escalation.state is EscalationState.ACCEPTED:
        return _("✓ Accepted by {person} {at} (after {time})", person=person, at=at, time=after)
    if escalation.state is EscalationState.WITHDRAWN:
        return _("Withdrawn by {person} {at} (after {time}): no decision needed", person=person, at=at, time=after)
    if escalation.state is EscalationState.REDIRECTED:
        team = policy.team(escalation.redirected_to or "").name
        return _("↪ Redirected by {person} {at} (after {time}) to {team}.", person=person, at=at, time=after, team=team)
    if escalation.state is EscalationState.RETURNED:
        return _("Returned by {person} {at} (after {time}), before the experts.", person=person, at=at, time=after)
    reason = escalation.advice.label if escalation.advice else _("no reason given")
    return _("✗ Rejected by {person} {at} (after {time}): {reason}.", person=person, at=at, time=after, reason=reason)


def _comment(escalation: Escalation) -> list[Text]:
    """Empty where the decision has none."""
    if escalation.state in (EscalationState.ACCEPTED, EscalationState.WITHDRAWN) or not escalation.comment:
        return []
    return [_("“{comment}”", comment=escape(escalation.comment, EVIDENCE_LIMIT))]


def _decided_sentence(escalation: Escalation, ticket: Ticket) -> Markup:
    return render(
        _(
            "Escalation of {ticket} {title}: {state} by {person}.",
            ticket=TicketNumber(ticket.number),
            title=ticket.title,
            state=escalation.state.label,
            person=Person(escalation.decided_by or ""),
        )
    )
