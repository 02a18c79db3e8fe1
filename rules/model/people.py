"""A person of the desk: when they work, for what share of their time, and what they know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class SkillLevel(StrEnum):
    """How well somebody knows a type of tickets, least first."""

    LEARNING = "learning"
    CAN = "can"
    EXPERT = "expert"


SKILL_LEVEL_RANKS = {level: rank for rank, level in enumerate(SkillLevel, start=1)}
SKILL_LEVEL_TEXTS = {
    SkillLevel.LEARNING: "is learning it",
    SkillLevel.CAN: "can do it",
    SkillLevel.EXPERT: "is an expert",
}


@dataclass(frozen=True, slots=True)
class Skill:
    """A level, and for a certificate the last day on which it counts; after it the level is as if it were not there."""

    level: SkillLevel
    valid_until: date | None = None
    certificate: str = ""

    def is_valid_on(self, day: date) -> bool:
        return self.valid_until is None or day <= self.valid_until


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """When one person works for the desk: by their own calendar ("" is their team's), for what share of that time, and
    on which days not at all (both ends included). `deputy` stands in for them, `capacity` is how many tickets they hold
    at most, `skills` what desk.yml says that they know, by type."""

    calendar: str = ""
    time_share: float = 1.0
    days_away: tuple[tuple[date, date], ...] = ()
    deputy: str = ""
    capacity: int | None = None
    skills: Mapping[str, Skill] = field(default_factory=dict)

    def is_away_on(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.days_away)


def skill_rank(level: SkillLevel | None) -> int:
    """Levels compare by this; 0 is none."""
    return 0 if level is None else SKILL_LEVEL_RANKS[level]
