"""desk.yml says who decides escalations and when a colleague looks first; what cannot be meant is named."""

from typing import Any

import pytest

from rules.config.diff import configuration_changes
from rules.config.faults import ConfigurationError
from rules.config.policy import parse_policy
from rules.model.approval import ApprovalMode, ApprovalRule
from rules.model.policy import PeerReviewRule
from tests.desks import OFFICE

EVA, EMIL, LEO = "U0EXPERT1", "U0EXPERT2", "U0LEAD2"


def network(**more: Any) -> dict[str, Any]:
    return {**OFFICE, "teams": {**OFFICE["teams"], "network": {**OFFICE["teams"]["network"], **more}}}


def type_(key: str = "network", **more: Any) -> dict[str, Any]:
    return {**OFFICE, "types": {**OFFICE["types"], key: {**OFFICE["types"][key], **more}}}


def test_the_first_expert_decides_where_nothing_is_said() -> None:
    assert parse_policy(OFFICE).approval_rule_for("network", "network") == ApprovalRule()


def test_a_team_says_how_it_decides_and_a_type_says_it_for_itself() -> None:
    ordered = network(approval="in_order", approvers=[EMIL, EVA])
    both = {**ordered, "types": type_(lead_decides=True)["types"]}

    assert parse_policy(ordered).approval_rule_for("network", "network") == ApprovalRule(
        ApprovalMode.IN_ORDER, (EMIL, EVA)
    )
    assert parse_policy(both).approval_rule_for("network", "network") == ApprovalRule(lead_decides=True)


@pytest.mark.parametrize(
    ("described", "sentence"),
    [
        (network(approval="some"), "approval `some` is unknown. Known: any, all, in_order"),
        (
            network(approval="all", approvers=["U0AGENT1"]),
            "U0AGENT1 is not in team network: name experts or leads of that team.",
        ),
        (network(approvers=[EVA]), "with `approval: any` every expert may decide: write approval: all or in_order."),
        (network(lead_decides="yes"), "`lead_decides` is true or false, not `yes`."),
        (network(lead_decides=True, approval="all"), "the lead alone decides: leave out approval and approvers."),
        (network(lead_decides=True, leads=[]), "team network has no lead: write leads: [U0LEAD1] there."),
        (type_(approval="all", approvers=["U0AGENT1"]), "U0AGENT1 is not in team network"),
        (type_("other", approval="all"), "this type has no experts who could decide: write experts: TEAM beside it."),
        ({**OFFICE, "escalations": {"peer_review_below": "much"}}, "`much` is not a share: write 40% or 0.4."),
        (
            {**OFFICE, "escalations": {"peer_review_below": 0.4, "min_answers": 2}},
            "`min_answers` is a whole number from 5",
        ),
        ({**OFFICE, "escalations": {"peer_reveiw": 0.4}}, "Did you mean `peer_review_below`?"),
    ],
)
def test_what_cannot_be_meant_is_named(described: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_policy(described)

    assert sentence in str(refused.value)


def test_a_colleague_looks_first_only_where_a_limit_is_set() -> None:
    set_ = {**OFFICE, "escalations": {"peer_review_below": "40%", "min_answers": 20}}

    assert parse_policy(OFFICE).peer_review is None
    assert parse_policy(set_).peer_review == PeerReviewRule(0.4, 20)
    (change,) = configuration_changes(OFFICE, set_)
    assert str(change) == "Escalations: none → peer_review_below 40%; min_answers 20"
