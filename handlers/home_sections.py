"""A section of Home, and what rendering one may read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack.blocks import Block
from rules.model.policy import Policy
from rules.people.permissions import desk_wide_roles, teams_worked_in
from rules.text import Text, _
from storage.transaction import Reader

DECISIONS_TITLE = _("Needs your decision")


@dataclass(frozen=True, slots=True)
class HomeView:
    """Whose Home it is, and when; all its sections read in one transaction."""

    reader: Reader
    policy: Policy
    now: datetime
    person: str

    @property
    def own_teams(self) -> Sequence[str]:
        return teams_worked_in(self.policy, self.person)

    @property
    def visible_teams(self) -> Sequence[str]:
        """Their own teams, or all of them for people with a role on the whole desk; none for requesters."""
        return self.own_teams or (list(self.policy.teams) if desk_wide_roles(self.policy, self.person) else [])


SectionRenderer = Callable[[HomeView], list[Block]]


@dataclass(frozen=True, slots=True)
class HomeSection:
    """A lower `order` is shown higher; neighbours with the same title share its header."""

    render: SectionRenderer
    order: int
    title: Text | str = ""
