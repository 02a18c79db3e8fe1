"""Escalations: their states, rejection reasons and improvement items."""

from rules.labels import LabelledEnum
from rules.text import _


class EscalationState(LabelledEnum):
    PENDING = "pending", _("waiting for the experts")
    INFO_REQUESTED = "asked_back", _("waiting for information")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REDIRECTED = "redirected", _("redirected")
    IN_PEER_REVIEW = "to_check", _("in peer review")
    RETURNED = "returned", _("returned")
    ENDED = "ended", _("ended")  # in an imported log, which does not say how


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
    TRAINING = "training", _("training: first line could have resolved it")
    FORM = "form", _("form: it does not ask for what the experts need")
    ROUTING = "routing", _("routing: the wrong experts were asked")
    OTHER = "other", _("other: see the experts' comments on the rejected ones")


IMPROVEMENT_BY_REASON = {
    RejectionReason.NOT_OURS: ImprovementKind.ROUTING,
    RejectionReason.INFORMATION_MISSING: ImprovementKind.FORM,
    RejectionReason.KNOWN_SOLUTION: ImprovementKind.KNOWLEDGE,
    RejectionReason.NOT_REPRODUCIBLE: ImprovementKind.TRAINING,
    RejectionReason.OTHER: ImprovementKind.OTHER,
}


UNDECIDED_STATES = frozenset({EscalationState.PENDING, EscalationState.INFO_REQUESTED, EscalationState.IN_PEER_REVIEW})
