"""Who is competent for what: a level by person and type, from what a lead said last, else from desk.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.people import Level, Skill, rank
from rules.policy import Policy, TicketType

Kept = Mapping[tuple[str, str], Skill | None]


@dataclass(frozen=True, slots=True)
class Competences:
    """What is known of people by (person, type) on one day: `kept` by leads in Slack, and what desk.yml says.

    A `kept` None says that a lead took the level away, whatever desk.yml says.
    """

    policy: Policy
    kept: Kept
    day: date

    def skill(self, person: str, type_key: str) -> Skill | None:
        """What they know of the type, also where its certificate has run out; None when nothing is said of it."""
        if (person, type_key) in self.kept:
            return self.kept[person, type_key]
        return self.policy.described_skill(person, type_key)

    def level(self, person: str, type_key: str) -> Level | None:
        """The level that counts on this day; None for whoever has none, or whose certificate has run out."""
        skill = self.skill(person, type_key)
        return skill.level if skill is not None and skill.counts_on(self.day) else None

    def fits(self, person: str, type_key: str) -> bool:
        """Whether they may take tickets of that type: a type that needs nothing is for everybody of its team."""
        return fits(self.policy.type(type_key), self.level(person, type_key))


def fits(kind: TicketType, level: Level | None) -> bool:
    return kind.needs is None or rank(level) >= rank(kind.needs)
