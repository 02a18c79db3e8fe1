"""Where a person wants to receive alerts."""

from rules.alerts import AlertChannel
from rules.errors import Refused
from rules.model.policy import Policy
from rules.text import _
from storage.preferences import save_alert_channel
from storage.transaction import Transaction


class NotInTeam(Refused):
    """A person in no team has no channel in which alerts could be posted for them."""

    def __init__(self) -> None:
        super().__init__(_("You aren't in a team here. Only members of a team choose how alerts reach them."))


def choose_alert_channel(tx: Transaction, *, by: str, channel: AlertChannel) -> None:
    check_in_team(tx.policy, by)
    save_alert_channel(tx, by, channel)


def check_in_team(policy: Policy, person: str) -> None:
    if not any(person in team.people for team in policy.teams.values()):
        raise NotInTeam
