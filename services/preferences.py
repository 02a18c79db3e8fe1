"""How somebody wants to hear of alerts: their own choice, and nobody else's."""

from rules.alerts import AlertChannel
from rules.errors import Refused
from rules.model.policy import Policy
from storage.preferences import save_alert_channel as keep
from storage.transaction import Transaction


class NotInTeam(Refused):
    """Who is in no team has no channel in which they could be called."""

    def __init__(self) -> None:
        super().__init__("You are in no team here: alerts call the people of a team, managers by direct message.")


def choose_alert_channel(tx: Transaction, *, by: str, channel: AlertChannel) -> None:
    """From now on this person is called so; what waits to be told already is told as it was to be."""
    check_in_team(tx.policy, by)
    keep(tx, by, channel)


def check_in_team(policy: Policy, person: str) -> None:
    if not any(person in team.people for team in policy.teams.values()):
        raise NotInTeam
