"""Who decides an escalation, as configured."""

from dataclasses import dataclass
from enum import StrEnum


class ApprovalMode(StrEnum):
    """How many experts decide: the first to answer, every approver at once, or every approver one after another."""

    ANY = "any"
    ALL = "all"
    IN_ORDER = "in_order"


APPROVAL_CHAIN_MODES = frozenset({ApprovalMode.ALL, ApprovalMode.IN_ORDER})


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """The approval rule of a team or a type; without `approvers` the team's experts decide.

    With `lead_decides` only the experts' lead decides.
    """

    mode: ApprovalMode = ApprovalMode.ANY
    approvers: tuple[str, ...] = ()
    lead_decides: bool = False
