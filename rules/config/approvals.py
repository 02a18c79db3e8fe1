"""How escalations are decided and checked, as the desk's description says it."""

from rules.config.sla import quoted, share_of
from rules.config.validation import Part, one_of, person
from rules.model.approval import ApprovalMode, ApprovalRule
from rules.model.policy import PeerReviewRule, Team

KEYS = ("approval", "approvers", "lead_decides")


def read_approval(part: Part) -> ApprovalRule | None:
    """`approval: all`, `approvers: [U0EXPERT1]`, `lead_decides: true`; None where the entry names none of them."""
    if not any(key in part.plain for key in KEYS):
        return None
    found = ApprovalRule(
        mode=part.parsed("approval", _approving, ApprovalMode.ANY),
        approvers=part.all_parsed("approvers", person),
        lead_decides=_yes(part, "lead_decides"),
    )
    if found.approvers and found.mode is ApprovalMode.ANY:
        part.fault(
            "approvers: with `approval: any` every expert decides: write approval: all or in_order.", "approvers"
        )
    if found.lead_decides and (found.approvers or found.mode is not ApprovalMode.ANY):
        part.fault("lead_decides: the lead decides alone: leave out approval and approvers.", "lead_decides")
    return found


def check_approvers(part: Part, approval: ApprovalRule | None, team: Team) -> None:
    """A fault for each approver who is not of the team that is asked; who is in a user group is Slack's to say."""
    for index, one in enumerate(approval.approvers if approval else ()):
        if one not in team.people and not team.role_groups:
            part.fault(f"approvers: {one} is not in team {team.key}: name experts or leads of it.", "approvers", index)


def check_lead(part: Part, approval: ApprovalRule | None, team: Team) -> None:
    """A fault where the lead is to decide and there is none."""
    fed = any(feed.role == "leads" for feed in team.role_groups)
    if approval and approval.lead_decides and not (team.leads or fed):
        part.fault(f"lead_decides: team {team.key} has no lead: write leads: [U0LEAD1] there.", "lead_decides")


def read_peer_check(desk: Part) -> PeerReviewRule | None:
    """`escalations: {peer_check_below: 40%, at_least: 10}`; None where nothing is checked."""
    part = desk.inner("escalations", "escalations")
    part.only("peer_check_below", "at_least")
    value = part.plain.get("peer_check_below")
    if value is None:
        return None
    below = share_of(value)
    if below is None or not 0 < below < 1:
        sentence = f"peer_check_below: {quoted(value)} is not a share: write 40% or 0.4."
        part.fault(sentence, "peer_check_below")
        return None
    return PeerReviewRule(below, part.number("at_least", PeerReviewRule(below).min_answers, least=5, most=1000))


def _approving(word: str) -> ApprovalMode:
    return ApprovalMode(one_of(word, tuple(ApprovalMode), "approval", "the ways of deciding"))


def _yes(part: Part, key: str) -> bool:
    value = part.plain.get(key, False)
    if not isinstance(value, bool):
        part.fault(f"`{key}` is true or false.", key)
        return False
    return value
