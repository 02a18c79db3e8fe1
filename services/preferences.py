"""How somebody wants to hear of alerts: their own choice, and nobody else's."""

from rules.alerts import HearBy
from rules.errors import DeskError
from rules.model.policy import Policy
from storage.preferences import choose as keep
from storage.transaction import Transaction


class NoTeam(DeskError):
    """Who is in no team has no channel in which they could be called."""

    def __init__(self) -> None:
        super().__init__("You are in no team here: alerts call the people of a team, managers by direct message.")


def choose(tx: Transaction, *, by: str, how: HearBy) -> None:
    """From now on this person is called so; what waits to be told already is told as it was to be."""
    in_a_team(tx.policy, by)
    keep(tx, by, how)


def in_a_team(policy: Policy, person: str) -> None:
    if not any(person in team.people for team in policy.teams.values()):
        raise NoTeam
