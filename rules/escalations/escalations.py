"""Escalations: what experts may answer, and in which words."""

from enum import StrEnum


class EscalationState(StrEnum):
    """Where a question to the experts stands."""

    PENDING = "pending"
    ASKED_BACK = "asked_back"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REDIRECTED = "redirected"
    TO_CHECK = "to_check"
    RETURNED = "returned"


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


class GapKind(StrEnum):
    """What a rejection shows to be missing."""

    KNOWLEDGE = "knowledge"
    TRAINING = "training"
    FORM = "form"
    ROUTING = "routing"
    OTHER = "other"


GAPS = {
    Advice.NOT_OURS: GapKind.ROUTING,
    Advice.INFORMATION_MISSING: GapKind.FORM,
    Advice.KNOWN_SOLUTION: GapKind.KNOWLEDGE,
    Advice.NOT_REPRODUCIBLE: GapKind.TRAINING,
    Advice.OTHER: GapKind.OTHER,
}

GAP_WORDS = {
    GapKind.KNOWLEDGE: "knowledge: a known solution was not found",
    GapKind.TRAINING: "training: it could have been settled in first line",
    GapKind.FORM: "form: what the experts need was not asked for",
    GapKind.ROUTING: "routing: the wrong experts were asked",
    GapKind.OTHER: "other: read what the experts wrote on the rejected ones",
}

UNDECIDED = frozenset({EscalationState.PENDING, EscalationState.ASKED_BACK, EscalationState.TO_CHECK})
