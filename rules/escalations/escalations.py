"""Escalations: their states, rejection reasons and improvement items."""

from enum import StrEnum


class EscalationState(StrEnum):
    """An escalation's place in its life cycle."""

    PENDING = "pending"
    INFO_REQUESTED = "asked_back"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REDIRECTED = "redirected"
    IN_PEER_REVIEW = "to_check"
    RETURNED = "returned"


class RejectionReason(StrEnum):
    """Why an escalation was rejected, coded so that it can be counted."""

    NOT_OURS = "not_ours"
    INFORMATION_MISSING = "information_missing"
    KNOWN_SOLUTION = "known_solution"
    NOT_REPRODUCIBLE = "not_reproducible"
    OTHER = "other"


REJECTION_REASON_LABELS = {
    RejectionReason.NOT_OURS: "not ours",
    RejectionReason.INFORMATION_MISSING: "information missing",
    RejectionReason.KNOWN_SOLUTION: "known solution exists",
    RejectionReason.NOT_REPRODUCIBLE: "not reproducible",
    RejectionReason.OTHER: "other",
}


class ImprovementKind(StrEnum):
    """What a rejection shows to be missing."""

    KNOWLEDGE = "knowledge"
    TRAINING = "training"
    FORM = "form"
    ROUTING = "routing"
    OTHER = "other"


IMPROVEMENT_BY_REASON = {
    RejectionReason.NOT_OURS: ImprovementKind.ROUTING,
    RejectionReason.INFORMATION_MISSING: ImprovementKind.FORM,
    RejectionReason.KNOWN_SOLUTION: ImprovementKind.KNOWLEDGE,
    RejectionReason.NOT_REPRODUCIBLE: ImprovementKind.TRAINING,
    RejectionReason.OTHER: ImprovementKind.OTHER,
}

IMPROVEMENT_KIND_TEXTS = {
    ImprovementKind.KNOWLEDGE: "knowledge: a known solution was not found",
    ImprovementKind.TRAINING: "training: it could have been settled in first line",
    ImprovementKind.FORM: "form: what the experts need was not asked for",
    ImprovementKind.ROUTING: "routing: the wrong experts were asked",
    ImprovementKind.OTHER: "other: read what the experts wrote on the rejected ones",
}

UNDECIDED_STATES = frozenset({EscalationState.PENDING, EscalationState.INFO_REQUESTED, EscalationState.IN_PEER_REVIEW})
