"""Home says until when an escalation is to be decided."""

from handlers.escalations.home import decision_blocks
from rules.escalations.escalations import EscalationState
from rules.model.tickets import Status
from tests.handlers.hostile import NOW, escalation_of, ticket_of


def test_what_a_colleague_asks_is_to_be_looked_at_by_when() -> None:
    escalation = escalation_of("Tunnel flaps", EscalationState.IN_PEER_REVIEW)

    said = str(decision_blocks([(escalation, ticket_of("VPN is down", Status.ESCALATED))], NOW))

    assert "Review it: it goes to the experts <!date^" in said
