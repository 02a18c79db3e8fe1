"""Who is to decide an escalation, as desk.yml says it."""

from dataclasses import dataclass
from enum import StrEnum


class ApprovalMode(StrEnum):
    """How many of the experts decide: whoever is first, every one, or every one after the other."""

    ANY = "any"
    ALL = "all"
    IN_ORDER = "in_order"


APPROVAL_CHAIN_MODES = frozenset({ApprovalMode.ALL, ApprovalMode.IN_ORDER})


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """What desk.yml says of a team or a type; without `approvers` the team's experts are meant.

    `lead_decides` leaves it to the experts' lead alone.
    """

    mode: ApprovalMode = ApprovalMode.ANY
    approvers: tuple[str, ...] = ()
    lead_decides: bool = False
