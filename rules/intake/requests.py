"""What a request must say before it becomes a ticket, and which team gets it."""

from dataclasses import dataclass, field, replace

from rules.errors import FieldError
from rules.model.policy import Policy, Team
from rules.model.tickets import Priority, ReplyBy
from rules.text import Code, Text, _, join_texts
from rules.typed_text import is_blank

MAX_TITLE_LENGTH = 150


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """A request by form, by text, from a message or from another system.

    `channel` and `thread_ts` are the ticket's own thread; `origin_channel` is where the request was made. `tried` is
    for the experts, where one of them is asked.
    """

    title: str
    requester: str
    registered_by: str
    type: str
    description: str = ""
    priority: Priority | None = None
    reply_by: ReplyBy = ReplyBy.SLACK
    customer: str | None = None
    assignee: str | None = None
    source: str | None = None
    permalink: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    origin_channel: str | None = None
    tried: str = ""
    files: list[dict[str, str]] = field(default_factory=list)


def validate_request(policy: Policy, request: TicketRequest) -> TicketRequest:
    """The rest of a title too long for a card moves to the description; FieldError names the faulty field."""
    title = " ".join(request.title.split())
    if is_blank(title):
        raise FieldError("title", _("Say in a few words what it is about."))
    if request.type not in policy.types:
        fault = _("{type} isn't a type here.", type=Code(request.type))
        known = [Text("{code}", {"code": Code(key)}) for key in policy.types]
        types = _("Types: {names}.", names=join_texts(known, ", ")) if known else _("There are none yet.")
        raise FieldError("type", join_texts([fault, types]))
    description = "" if is_blank(request.description) else request.description
    if len(title) > MAX_TITLE_LENGTH:
        description = f"{title}\n\n{description}".strip()
        title = title[: MAX_TITLE_LENGTH - 1].rstrip() + "…"
    priority = request.priority or policy.type(request.type).priority
    return replace(request, title=title, description=description, priority=priority)


def first_line_team(policy: Policy, type_key: str) -> Team:
    return policy.team(policy.type(type_key).team)


def expert_to_ask(policy: Policy, request: TicketRequest) -> str | None:
    """The assignee, where they are one of the type's experts: the expert is asked before they get the ticket."""
    experts = policy.team(policy.type(request.type).expert_team or "").people
    is_expert = request.assignee in experts and request.assignee not in first_line_team(policy, request.type).people
    return request.assignee if is_expert else None


def first_step_key(policy: Policy, type_key: str) -> str | None:
    steps = policy.type(type_key).steps
    return steps[0].key if steps else None


def step_after_change(policy: Policy, before: Policy, type_key: str, step: str | None) -> str | None:
    """The ticket's step after a configuration change: the same, the next of the steps that are left, or None past the
    last one. A ticket without a step does not go back to the first."""
    while step is not None and policy.type(type_key).find_step(step) is None:
        following = before.type(type_key).next_step(step)
        step = following.key if following else None
    return step


def company_key_of(policy: Policy, customer: str | None, requester: str, channel: str | None) -> str | None:
    return policy.company_key_for(customer or "", requester, channel or "") or None
