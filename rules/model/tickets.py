"""What a ticket is: its priorities, its statuses, and which status may follow which."""

from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.text import _


class Priority(LabelledEnum):
    """How urgent a ticket is, most urgent first."""

    CRITICAL = "critical", _("Critical")
    HIGH = "high", _("High")
    NORMAL = "normal", _("Normal")
    LOW = "low", _("Low")


class Status(LabelledEnum):
    NEW = "new", _("New")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING = "waiting", _("Waiting for customer")
    ESCALATED = "escalated", _("Escalated")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


class ReplyBy(LabelledEnum):
    """The channel on which the customer expects the answer."""

    SLACK = "slack", _("Slack")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")


FIELD_LABELS = {
    "title": _("title"),
    "type": _("type"),
    "priority": _("priority"),
    "customer": _("customer"),
    "reply_by": _("reply channel"),
    "team": _("team"),
    "status": _("status"),
    "assignee": _("assignee"),
}
DONE_STATUSES = frozenset({Status.RESOLVED, Status.CLOSED})
WAITING_STATUSES = frozenset({Status.WAITING, Status.ESCALATED})  # for the customer or the experts: nobody works on it

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
        super().__init__(f"The ticket is {now.label}; it cannot become {to.label} from there.")


def check_transition(now: Status, to: Status) -> Status:
    """The new status; IllegalTransition when it may not follow the current one."""
    if to not in STATUS_TRANSITIONS[now]:
        raise IllegalTransition(now, to)
    return to
