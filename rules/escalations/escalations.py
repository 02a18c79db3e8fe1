"""Escalations: their states, rejection reasons and improvement items."""

from enum import StrEnum

from rules.labels import LabelledEnum
from rules.text import _


class EscalationState(StrEnum):
    PENDING = "pending"
    INFO_REQUESTED = "asked_back"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REDIRECTED = "redirected"
    IN_PEER_REVIEW = "to_check"
    RETURNED = "returned"
    ENDED = "ended"  # in an imported log, which does not say how


class RejectionReason(LabelledEnum):
    """Why an escalation was rejected, coded so that it can be counted."""

    NOT_OURS = "not_ours", _("not ours")
    INFORMATION_MISSING = "information_missing", _("information missing")
    KNOWN_SOLUTION = "known_solution", _("known solution exists")
    NOT_REPRODUCIBLE = "not_reproducible", _("not reproducible")
    OTHER = "other", _("other")


class ImprovementKind(LabelledEnum):
    """What a rejection shows to be missing."""

    KNOWLEDGE = "knowledge", _("knowledge: a known solution was not found")
    TRAINING = "training", _("training: it could have been settled in first line")
    FORM = "form", _("form: what the experts need was not asked for")
    ROUTING = "routing", _("routing: the wrong experts were asked")
    OTHER = "other", _("other: read what the experts wrote on the rejected ones")


IMPROVEMENT_BY_REASON = {
    RejectionReason.NOT_OURS: ImprovementKind.ROUTING,
    RejectionReason.INFORMATION_MISSING: ImprovementKind.FORM,
    RejectionReason.KNOWN_SOLUTION: ImprovementKind.KNOWLEDGE,
    RejectionReason.NOT_REPRODUCIBLE: ImprovementKind.TRAINING,
    RejectionReason.OTHER: ImprovementKind.OTHER,
}


UNDECIDED_STATES = frozenset({EscalationState.PENDING, EscalationState.INFO_REQUESTED, EscalationState.IN_PEER_REVIEW})
