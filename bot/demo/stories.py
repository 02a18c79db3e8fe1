"""Sample tickets of the company Orlen Lake, with the sentences that people write in them."""

from dataclasses import dataclass
from functools import cache

import yaml
from pydantic import TypeAdapter

from bot.files import resource_path
from rules.escalations.escalations import RejectionReason
from rules.model.tickets import Priority

ALREADY_TRIED = "Restarted the client, tried from another network, looked at the list of known errors."
THANKS_REPLY = "Thank you, we are looking into it."
ESCALATION_REASON = "We can reproduce it, and first line has no access to the systems behind it."
UNKNOWN_TICKET_SOLUTION = "We have looked into it, and it works again. Reopen this if it does not."
SAMPLE_NOTES = (
    "Called the requester: it still happens.",
    "I am comparing it with a similar case of last month.",
    "I have asked the vendor.",
)


@dataclass(frozen=True, slots=True)
class SampleTicket:
    title: str
    description: str
    type: str
    solution: str
    priority: Priority | None = None
    experts: str | None = None
    rejection_reason: RejectionReason | None = None
    comment: str = ""


@cache
def sample_tickets() -> tuple[SampleTicket, ...]:
    rows = yaml.safe_load(resource_path("demo/stories.yml").read_text(encoding="utf-8"))
    return TypeAdapter(tuple[SampleTicket, ...]).validate_python(rows)
