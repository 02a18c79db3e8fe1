"""What people might type, and a ticket that is full of it: every card must stay harmless and within Slack's limits."""

import json
from datetime import UTC, datetime, timedelta

from rules.calendars.durations import Duration
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy, SlaRule, SupportLine, Team, TicketType
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import SlaTimer, TimerKind
from rules.sla.targets import SlaCase
from rules.sla.timers import start_timer
from storage.schema.tickets import Escalation, Event, Ticket

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
TYPED = [
    "<!channel> & <b>bold</b> <@U0LEAD1> <https://evil.example|click>",
    "x" * 3000,
    "&" * 3000,
    "\u202etxet desrever\u202c مرحبا بالعالم",
    "🔥" * 1500,
    "```*_~`> quote\n\n\n• list",
]


def policy_of(text: str) -> Policy:
    support = Team("support", text[:200], channel="C0SUPPORT", agents=("U0AGENT1",))
    network = Team("network", text[:200], line=SupportLine.EXPERT, channel="C0NETWORK", experts=("U0EXPERT1",))
    kind = TicketType("network", text[:200], "support", expert_team="network")
    promise = Duration(seconds=3600)
    targets = (SlaRule(first_response=promise, resolution=promise),)
    return Policy(teams={"support": support, "network": network}, types={"network": kind}, sla_rules=targets)


def ticket_of(text: str, status: Status = Status.NEW) -> Ticket:
    holder = None if status is Status.NEW else "U0AGENT1"
    done = status in (Status.RESOLVED, Status.CLOSED)
    return Ticket(
        workspace_id="T0LOCAL",
        number=12,
        seq=3,
        title=text[:150] or "VPN is down",
        description=text,
        status=status,
        priority=Priority.HIGH,
        type="network",
        team="support",
        first_line="support",
        requester="U0CLIENT1",
        registered_by="U0AGENT1",
        assignee=holder,
        customer=text[:150],
        reply_by=ReplyBy.PHONE,
        permalink="https://orlen-lake.example/archives/C0GENERAL/p1",
        files=[{"name": text[:200], "url": f"https://orlen-lake.example/f|{text[:100]}>"}] * 12,
        created_at=NOW,
        resolved_at=NOW if done else None,
        resolved_by="U0AGENT1" if done else None,
        reopened=0,
    )


def clocks_of(policy: Policy) -> dict[TimerKind, SlaTimer]:
    started = {kind: start_timer(policy, kind, SlaCase("network", Priority.HIGH, "support"), NOW) for kind in TimerKind}
    return {kind: clock for kind, clock in started.items() if clock is not None}


def event_of(kind: str, **data: object) -> Event:
    return Event(
        workspace_id="T0LOCAL",
        number=12,
        seq=2,
        kind=kind,
        at=NOW,
        by="U0AGENT1",
        status=Status.NEW,
        team="support",
        assignee=None,
        data=data,
    )


def escalation_of(text: str, state: EscalationState = EscalationState.PENDING) -> Escalation:
    decided = state in (EscalationState.ACCEPTED, EscalationState.REJECTED, EscalationState.WITHDRAWN)
    return Escalation(
        workspace_id="T0LOCAL",
        number=12,
        round=1,
        state=state,
        team="network",
        from_team="support",
        asked_by="U0AGENT1",
        asked_at=NOW,
        why=text,
        tried=text,
        answer_due_at=NOW + timedelta(minutes=30),
        question=text,
        decided_by="U0EXPERT1" if decided else None,
        decided_at=NOW + timedelta(minutes=17) if decided else None,
        comment=text if decided else None,
    )


def alarms(payload: object) -> list[str]:
    """Marks of Slack's own that text from a person could have smuggled in."""
    said = json.dumps(payload, ensure_ascii=False)
    return [mark for mark in ("<!channel", "<!here", "<@U0LEAD1>", "<https://evil", "\u202e") if mark in said]
