"""Who knows what: levels by person and type, how a lead types them, and what the history says of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from rules.config.calendars import read_date
from rules.errors import Refused
from rules.model.people import Skill, SkillLevel, skill_rank
from rules.model.policy import Policy, TicketType

RecordedSkills = Mapping[tuple[str, str], Skill | None]


@dataclass(frozen=True, slots=True)
class KnownSkills:
    """What is known of people by (person, type) on one day: `kept` by leads in Slack, and what desk.yml says.

    A `kept` None says that a lead took the level away, whatever desk.yml says.
    """

    policy: Policy
    recorded: RecordedSkills
    day: date

    def skill_of(self, person: str, type_key: str) -> Skill | None:
        """What they know of the type, also where its certificate has run out; None when nothing is said of it."""
        if (person, type_key) in self.recorded:
            return self.recorded[person, type_key]
        return self.policy.configured_skill(person, type_key)

    def level_of(self, person: str, type_key: str) -> SkillLevel | None:
        """The level that counts on this day; None for whoever has none, or whose certificate has run out."""
        skill = self.skill_of(person, type_key)
        return skill.level if skill is not None and skill.is_valid_on(self.day) else None

    def is_qualified(self, person: str, type_key: str) -> bool:
        """Whether they may take tickets of that type: a type that needs nothing is for everybody of its team."""
        return meets_level(self.policy.type(type_key), self.level_of(person, type_key))


def meets_level(ticket_type: TicketType, level: SkillLevel | None) -> bool:
    return ticket_type.required_level is None or skill_rank(level) >= skill_rank(ticket_type.required_level)


NO_SKILL = "none"
SKILL_COMMAND_EXAMPLE = "`/desk skill @ana network expert until 2027-01-31`"
MAX_CERTIFICATE_LENGTH = 75
_SKILL_COMMAND_PATTERN = re.compile(
    r"(?P<type>.+?)\s+(?P<level>\S+)(?:\s+until\s+(?P<until>\S+))?(?:\s+certificate\s+(?P<certificate>.+))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SkillCommand:
    """Of whom, and which type and skill; without a type it asks what is known. A skill of None takes the level away."""

    person: str
    type: str | None = None
    skill: Skill | None = None


def parse_skill_command(text: str, policy: Policy) -> SkillCommand:
    """What was typed after `/desk skill`; DeskError says what is missing or meant."""
    person, _, rest = text.strip().partition(" ")
    if not re.fullmatch(r"@[UW][A-Z0-9]+", person):
        raise Refused(
            f"Of whom? Name a colleague: {SKILL_COMMAND_EXAMPLE}, or `/desk skill @ana` to see what is known."
        )
    if not rest.strip():
        return SkillCommand(person[1:])
    found = _split_command(rest.strip())
    until = read_date(found["until"]) if found["until"] else None
    level = parse_skill_level(found["level"])
    certificate = (found["certificate"] or "").strip()[:MAX_CERTIFICATE_LENGTH]
    skill = Skill(level, until, certificate) if level is not None else None
    return SkillCommand(person[1:], _find_type_key(policy, found["type"]), skill)


def parse_skill_level(word: str) -> SkillLevel | None:
    """The level of that word; None for `none`."""
    if word.casefold() == NO_SKILL:
        return None
    try:
        return SkillLevel(word.casefold())
    except ValueError:
        raise Refused(f"`{word}` is no level. Levels: none, {', '.join(SkillLevel)}.") from None


def _split_command(rest: str) -> dict[str, str]:
    found = _SKILL_COMMAND_PATTERN.fullmatch(rest)
    if found is None:
        raise Refused(
            f"Which type, and which level? Write {SKILL_COMMAND_EXAMPLE}. Levels: none, {', '.join(SkillLevel)}."
        )
    return found.groupdict()


def _find_type_key(policy: Policy, word: str) -> str:
    known = {kind.name.casefold(): key for key, kind in policy.types.items()} | {
        key.casefold(): key for key in policy.types
    }
    if word.casefold() in known:
        return known[word.casefold()]
    near = get_close_matches(word.casefold(), known, n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    raise Refused(f"`{word}` is not a type here.{meant} Types: {', '.join(f'`{key}`' for key in policy.types)}.")


MIN_RESOLVED = 10  # of fewer nothing is suggested
EXPERT_RESOLVED = 30
CAPABLE_IN_TIME_SHARE, EXPERT_IN_TIME_SHARE = 0.8, 0.9  # share in time, for the next level
CAPABLE_REOPENED_SHARE, EXPERT_REOPENED_SHARE = 0.1, 0.05  # share reopened, at most
DOUBTFUL_IN_TIME_SHARE, DOUBTFUL_REOPENED_SHARE = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class SkillEvidence:
    """Counts over a span of days: what the person resolved last, how much of what was promised was in time, how many
    came back, and what became of their questions to the experts."""

    days: int
    resolved: int = 0
    with_target: int = 0
    in_time: int = 0
    reopened: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def is_small(self) -> bool:
        return self.resolved < MIN_RESOLVED

    @property
    def share_in_time(self) -> float:
        """1 where nothing was promised: then nothing was late."""
        return self.in_time / self.with_target if self.with_target else 1.0

    @property
    def share_reopened(self) -> float:
        return self.reopened / self.resolved if self.resolved else 0.0


def evidence_text(evidence: SkillEvidence) -> str:
    """The counts in a line, each with what it is a part of; a small n is said to be small."""
    asked = evidence.accepted + evidence.rejected
    if not evidence.resolved and not asked:
        return f"None resolved in {evidence.days} days."
    parts = [f"{evidence.resolved} resolved in {evidence.days} days"]
    if evidence.with_target:
        parts.append(f"{evidence.in_time} of {evidence.with_target} in time ({round(100 * evidence.share_in_time)} %)")
    if evidence.resolved:
        parts.append(f"{evidence.reopened or 'none'} reopened")
    if asked:
        parts.append(f"{evidence.accepted} of {asked} escalations accepted")
    few = f" (n = {evidence.resolved}: too few to say much)" if evidence.is_small else ""
    return f"{', '.join(parts)}.{few}"


def level_question(evidence: SkillEvidence, level: SkillLevel | None) -> str:
    """A question to the lead; empty where the counts ask for nothing."""
    if evidence.is_small:
        return ""
    if level is not None and _is_doubtful(evidence):
        return "Often late or back again: is this level still right?"
    if (
        level in (None, SkillLevel.LEARNING)
        and evidence.share_in_time >= CAPABLE_IN_TIME_SHARE
        and evidence.share_reopened <= CAPABLE_REOPENED_SHARE
    ):
        return f"{_short_evidence_text(evidence)}: can do it?"
    if level is SkillLevel.CAN and _is_excellent(evidence):
        return f"{_short_evidence_text(evidence)}: is an expert?"
    return ""


def _is_doubtful(evidence: SkillEvidence) -> bool:
    return evidence.share_in_time < DOUBTFUL_IN_TIME_SHARE or evidence.share_reopened > DOUBTFUL_REOPENED_SHARE


def _is_excellent(evidence: SkillEvidence) -> bool:
    often = (
        evidence.resolved >= EXPERT_RESOLVED
        and evidence.share_in_time >= EXPERT_IN_TIME_SHARE
        and evidence.share_reopened <= EXPERT_REOPENED_SHARE
    )
    return often and evidence.rejected <= evidence.accepted


def _short_evidence_text(evidence: SkillEvidence) -> str:
    in_time = f", {evidence.in_time} in time" if evidence.with_target else ""
    return f"{evidence.resolved} resolved{in_time}, {evidence.reopened or 'none'} reopened"
