"""Escalations: what experts may answer, and in which words."""

from enum import StrEnum


class EscalationState(StrEnum):
    """Where a question to the experts stands."""

    PENDING = "pending"
    ASKED_BACK = "asked_back"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Advice(StrEnum):
    """Why an escalation was rejected, coded so that it can be counted."""

    NOT_OURS = "not_ours"
    INFORMATION_MISSING = "information_missing"
    KNOWN_SOLUTION = "known_solution"
    NOT_REPRODUCIBLE = "not_reproducible"
    OTHER = "other"


ADVICE_WORDS = {
    Advice.NOT_OURS: "not ours",
    Advice.INFORMATION_MISSING: "information missing",
    Advice.KNOWN_SOLUTION: "known solution exists",
    Advice.NOT_REPRODUCIBLE: "not reproducible",
    Advice.OTHER: "other",
}

UNDECIDED = frozenset({EscalationState.PENDING, EscalationState.ASKED_BACK})
