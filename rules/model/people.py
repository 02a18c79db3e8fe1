"""A person's settings: working hours, share of time, absences and skills."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.labels import LabelledEnum
from rules.text import _


class SkillLevel(LabelledEnum):
    """How well a person knows a ticket type, least first."""

    LEARNING = "learning", _("is learning it")
    CAN = "can", _("can do it")
    EXPERT = "expert", _("is an expert")


SKILL_LEVEL_RANKS = {level: rank for rank, level in enumerate(SkillLevel, start=1)}


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill level; a certificate counts up to and including `valid_until`, after that the level counts as absent."""

    level: SkillLevel
    valid_until: date | None = None
    certificate: str = ""

    def is_valid_on(self, day: date) -> bool:
        return self.valid_until is None or day <= self.valid_until


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """When a person works: by their own calendar ("" is the team's), for `time_share` of that time, and not on
    `days_away` (first and last day included). `deputy` stands in for them, `capacity` is the most tickets they hold,
    `skills` are the configured ones by type."""

    calendar: str = ""
    time_share: float = 1.0
    days_away: tuple[tuple[date, date], ...] = ()
    deputy: str = ""
    capacity: int | None = None
    skills: Mapping[str, Skill] = field(default_factory=dict)

    def is_away_on(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.days_away)


def stranger_id(user: str, workspace: str) -> str:
    """The id of a person of another workspace, in a form that Slack still shows as a mention.

    Slack's ids are unique within a workspace only, so the bare id may be that of one of ours.
    """
    return f"{user}|{workspace}"


def slack_user_id(person: str) -> str:
    """What Slack knows the person by."""
    return person.partition("|")[0]


def skill_rank(level: SkillLevel | None) -> int:
    return 0 if level is None else SKILL_LEVEL_RANKS[level]
