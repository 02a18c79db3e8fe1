"""The tables of tickets, timers, escalations, events and messages. Every table leads with its workspace."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from storage.schema.columns import Table, partial_index


class Workspace(Table):
    """One Slack workspace: its ticket counter, and the configuration that counts now."""

    __tablename__ = "workspaces"
    last_number: Mapped[int] = mapped_column(default=0)
    policy: Mapped[dict[str, Any] | None]
    policy_version: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(64))  # of the app that Slack last called this workspace's
    installation: Mapped[dict[str, Any] | None]


class ConfigurationVersion(Table):
    """Each version of the configuration, because SLA targets are explained by the version they were set under."""

    __tablename__ = "descriptions"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy: Mapped[dict[str, Any]]
    applied_at: Mapped[datetime]


class IdempotencyKey(Table):
    """What arrived, by its idempotency key, and the answer to the first arrival."""

    __tablename__ = "inbox"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    answer: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]
    __table_args__ = (Index(None, "workspace_id", "at"),)


class Ticket(Table):
    """One request. `resolved_at` is None exactly while it is open; `seq` numbers its events."""

    __tablename__ = "tickets"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[Status]
    priority: Mapped[Priority]
    type: Mapped[str] = mapped_column(String(120))
    team: Mapped[str] = mapped_column(String(120))
    first_line: Mapped[str] = mapped_column(String(120))
    requester: Mapped[str] = mapped_column(String(120))
    registered_by: Mapped[str] = mapped_column(String(120))
    assignee: Mapped[str | None] = mapped_column(String(120))
    customer: Mapped[str | None] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(24))
    reply_by: Mapped[ReplyBy]
    source: Mapped[str | None] = mapped_column(String(200))
    permalink: Mapped[str | None] = mapped_column(Text)
    files: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    first_reply_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(120))
    reopened: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None]
    step: Mapped[str | None] = mapped_column(String(40))
    promised_under: Mapped[int | None]

    _open, _done = text("resolved_at IS NULL"), text("resolved_at IS NOT NULL")
    _for_another = text("registered_by <> requester")
    # In the indexes of open tickets, so that counting reads nothing else.
    _counted = ("created_at", "status", "resolved_at", "promised_under")
    _grouped = ("status", "team", "type", "step", "number", "resolved_at")
    __table_args__ = (
        partial_index("ix_tickets_open", "workspace_id", "team", "assignee", "number", *_counted, where=_open),
        partial_index("ix_tickets_open_assignee", "workspace_id", "assignee", *_grouped, where=_open),
        partial_index("ix_tickets_remind", "workspace_id", "remind_at", where=text("remind_at IS NOT NULL")),
        Index("ix_tickets_requester", "workspace_id", "requester", "number"),
        partial_index("ix_tickets_registered", "workspace_id", "registered_by", "number", where=_for_another),
        partial_index("ix_tickets_resolved", "workspace_id", "resolved_at", where=_done),
        Index("uq_tickets_source", "workspace_id", "source", unique=True),
    )


@dataclass(slots=True)
class NewTicket:
    """A ticket on its way to its row, with the row's columns: what the ORM does for each value of a `Ticket` takes a
    seventh of the time in which one is filed."""

    workspace_id: str
    number: int
    title: str
    description: str
    status: Status
    priority: Priority
    type: str
    team: str
    first_line: str
    requester: str
    registered_by: str
    reply_by: ReplyBy
    created_at: datetime
    files: list[dict[str, str]]
    seq: int = 0
    assignee: str | None = None
    customer: str | None = None
    company: str | None = None
    channel: str | None = None
    source: str | None = None
    permalink: str | None = None
    first_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    reopened: int = 0
    remind_at: datetime | None = None
    step: str | None = None
    promised_under: int | None = None


class TimerRow(Table):
    """One SLA timer of one ticket: `next_alert_at` is set only while an alert is still to come. Its due time and its
    pause count since `changed_at`, or since it started; what counted before is in `sla_periods`."""

    __tablename__ = "clocks"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[TimerKind] = mapped_column(primary_key=True)
    state: Mapped[TimerState]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    total_s: Mapped[int]
    remaining_s: Mapped[int | None]
    level: Mapped[int] = mapped_column(default=0)
    next_alert_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    calendar: Mapped[str] = mapped_column(String(40), default="")
    promise: Mapped[str] = mapped_column(String(24), default="")
    because: Mapped[str] = mapped_column(Text, default="")
    rung: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    due_soon_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    turns: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    _alerting = text("next_alert_at IS NOT NULL")
    _open = text("state IN ('running', 'paused')")
    _counted = ("due_soon_at", "state", "remaining_s", "target")  # in the index, so that counting reads it alone
    __table_args__ = (
        partial_index("ix_clocks_alert", "workspace_id", "next_alert_at", where=_alerting),
        partial_index("ix_clocks_open", "workspace_id", "number", "due_at", *_counted, where=_open),
        partial_index("ix_clocks_due", "workspace_id", "due_at", "number", *_counted, where=_open),
    )


class Escalation(Table):
    """A question to the experts, and their decision."""

    __tablename__ = "escalations"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[EscalationState]
    team: Mapped[str] = mapped_column(String(120))
    from_team: Mapped[str] = mapped_column(String(120))
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text)
    tried: Mapped[str] = mapped_column(Text)
    answer_due_at: Mapped[datetime]
    question: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    advice: Mapped[RejectionReason | None]
    comment: Mapped[str | None] = mapped_column(Text)
    approving: Mapped[ApprovalMode | None]
    redirected_to: Mapped[str | None] = mapped_column(String(120))
    checked_by: Mapped[str | None] = mapped_column(String(120))

    _undecided = text("decided_at IS NULL")
    __table_args__ = (
        partial_index("uq_escalations_undecided", "workspace_id", "number", unique=True, where=_undecided),
        partial_index("ix_escalations_team", "workspace_id", "team", where=_undecided),
        Index("ix_escalations_decided", "workspace_id", "decided_at"),
        Index("ix_escalations_asked", "workspace_id", "asked_at"),
        Index("ix_escalations_asker", "workspace_id", "asked_by", "asked_at"),
    )


class Event(Table):
    """The append-only history: what happened, when, by whom, and the ticket's state after it."""

    __tablename__ = "events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    status: Mapped[Status]
    team: Mapped[str] = mapped_column(String(120))
    assignee: Mapped[str | None] = mapped_column(String(120))
    data: Mapped[dict[str, Any]]
    __table_args__ = (Index(None, "workspace_id", "at", "kind"),)


class OutboxMessage(Table):
    """A message to be sent to Slack. `once` is never queued twice; `fold` merges refreshes that still wait."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lane: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(24))
    number: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]]
    once: Mapped[str | None] = mapped_column(String(200))
    fold: Mapped[str | None] = mapped_column(String(200))
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    _pending = text("next_at IS NOT NULL")
    _waiting = text("next_at IS NOT NULL AND claimed_at IS NULL")
    __table_args__ = (
        partial_index("ix_outbox_pending", "workspace_id", "next_at", where=_pending),
        partial_index("ix_outbox_lane", "workspace_id", "lane", "id", where=_pending),
        partial_index("uq_outbox_fold", "workspace_id", "fold", unique=True, where=_waiting),
        Index("uq_outbox_once", "workspace_id", "once", unique=True),
    )


class MessageReference(Table):
    """Where a card is in Slack, so that it is edited in place and its thread is recognised."""

    __tablename__ = "posts"
    channel: Mapped[str] = mapped_column(String(24), primary_key=True)
    ts: Mapped[str] = mapped_column(String(24), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(64))
    number: Mapped[int | None]
    lane: Mapped[str] = mapped_column(String(24))
    digest: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        Index("uq_posts_card", "workspace_id", "kind", "subject", "lane", unique=True),
        Index("ix_posts_number", "workspace_id", "number"),
    )


class Person(Table):
    """What Slack says about a person: name and time zone, and the Slack status, which decides nothing.

    `seen_at` is when all but the last three columns were read.
    """

    __tablename__ = "people"
    user_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    tz: Mapped[str] = mapped_column(String(64), default="UTC")
    is_guest: Mapped[bool] = mapped_column(default=False)
    gone: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False, server_default=false())
    seen_at: Mapped[datetime]
    status_text: Mapped[str | None] = mapped_column(Text)
    status_emoji: Mapped[str | None] = mapped_column(String(120))
    status_until: Mapped[datetime | None]
    quiet_from: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]
    quiet_seen_at: Mapped[datetime | None]


class JobRun(Table):
    """The last run of each scheduled job; two processes race to claim the row."""

    __tablename__ = "jobs"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ms: Mapped[int | None]
    result: Mapped[str | None] = mapped_column(Text)
    failed: Mapped[bool] = mapped_column(default=False)


class LeaderLease(Table):
    """On PostgreSQL: which process runs the workspace's jobs, until when by the database's clock."""

    __tablename__ = "leader_leases"
    process: Mapped[str] = mapped_column(String(36))
    until: Mapped[datetime]
