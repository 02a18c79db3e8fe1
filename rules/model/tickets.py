"""What a ticket is: its priorities, its statuses, and which status may follow which."""

from enum import StrEnum

from rules.errors import Refused


class Priority(StrEnum):
    """How urgent a ticket is, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Status(StrEnum):
    """A ticket's place in its life cycle."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class ReplyBy(StrEnum):
    """The channel on which the customer expects the answer."""

    SLACK = "slack"
    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"


STATUS_LABELS = {
    Status.NEW: "New",
    Status.ASSIGNED: "Assigned",
    Status.IN_PROGRESS: "In progress",
    Status.WAITING: "Waiting for customer",
    Status.ESCALATED: "Escalated",
    Status.RESOLVED: "Resolved",
    Status.CLOSED: "Closed",
}
PRIORITY_LABELS = {Priority.CRITICAL: "Critical", Priority.HIGH: "High", Priority.NORMAL: "Normal", Priority.LOW: "Low"}
REPLY_BY_LABELS = {ReplyBy.SLACK: "Slack", ReplyBy.EMAIL: "E-mail", ReplyBy.PHONE: "Phone", ReplyBy.CHAT: "Chat"}

DONE_STATUSES = frozenset({Status.RESOLVED, Status.CLOSED})

STATUS_TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING, Status.ESCALATED, Status.RESOLVED}),
    Status.ASSIGNED: frozenset(
        {Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING, Status.ESCALATED, Status.RESOLVED}
    ),
    Status.IN_PROGRESS: frozenset(
        {Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING, Status.ESCALATED, Status.RESOLVED}
    ),
    Status.WAITING: frozenset({Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.ESCALATED, Status.RESOLVED}),
    Status.ESCALATED: frozenset({Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS}),
}


class IllegalTransition(Refused):
    """The life cycle has no such step."""

    def __init__(self, now: Status, to: Status) -> None:
        super().__init__(f"The ticket is {STATUS_LABELS[now]}; it cannot become {STATUS_LABELS[to]} from there.")


def check_transition(now: Status, to: Status) -> Status:
    """The new status; IllegalTransition when it may not follow the current one."""
    if to not in STATUS_TRANSITIONS[now]:
        raise IllegalTransition(now, to)
    return to
