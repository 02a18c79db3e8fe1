"""Skills: levels by person and ticket type, the typed command, and what the history suggests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.calendars.opening_hours import parse_date
from rules.errors import Refused
from rules.model.people import Skill, SkillLevel, skill_rank
from rules.model.policy import Policy, TicketType
from rules.text import Code, Text, _, join_texts
from rules.typed_text import closest_word

RecordedSkills = Mapping[tuple[str, str], Skill | None]


@dataclass(frozen=True, slots=True)
class KnownSkills:
    """What is known of people by (person, type) on one day: `recorded` by leads in Slack, else configured.

    A `recorded` None means that a lead removed the skill, whatever the configuration says.
    """

    policy: Policy
    recorded: RecordedSkills
    day: date

    def skill_of(self, person: str, type_key: str) -> Skill | None:
        """The skill, also where its certificate has expired; None when there is none."""
        if (person, type_key) in self.recorded:
            return self.recorded[person, type_key]
        return self.policy.configured_skill(person, type_key)

    def level_of(self, person: str, type_key: str) -> SkillLevel | None:
        """The level that counts on this day; None without a skill and with an expired certificate."""
        skill = self.skill_of(person, type_key)
        return skill.level if skill is not None and skill.is_valid_on(self.day) else None

    def is_qualified(self, person: str, type_key: str) -> bool:
        """Whether they may take tickets of that type; without a required level everyone in its team may."""
        return meets_level(self.policy.type(type_key), self.level_of(person, type_key))


def meets_level(ticket_type: TicketType, level: SkillLevel | None) -> bool:
    return ticket_type.required_level is None or skill_rank(level) >= skill_rank(ticket_type.required_level)


NO_SKILL = "none"
EXAMPLE, LOOK_EXAMPLE = Code("/desk skill @ana network expert until 2027-01-31"), Code("/desk skill @ana")
_LEVELS_TEXT = _("Levels: {levels}.", levels=", ".join([NO_SKILL, *SkillLevel]))
MAX_CERTIFICATE_LENGTH = 75
_SKILL_COMMAND_PATTERN = re.compile(
    r"(?P<type>.+?)\s+(?P<level>\S+)(?:\s+until\s+(?P<until>\S+))?(?:\s+certificate\s+(?P<certificate>.+))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SkillCommand:
    """A typed skill; without a type it asks what is known. A skill of None removes it."""

    person: str
    type: str | None = None
    skill: Skill | None = None


def parse_skill_command(text: str, policy: Policy) -> SkillCommand:
    person, rest = (*text.strip().split(maxsplit=1), "", "")[:2]
    if not re.fullmatch(r"@[UW][A-Z0-9]+", person):
        fault = _("{person} is nobody whom Slack knows.", person=Code(person)) if "@" in person else _("Of whom?")
        way = _("Name a colleague: {example}, or {look} to see what is known.", example=EXAMPLE, look=LOOK_EXAMPLE)
        raise Refused(_("{fault} {way}", fault=fault, way=way))
    if not rest.strip():
        return SkillCommand(person[1:])
    match = _SKILL_COMMAND_PATTERN.fullmatch(rest.strip())
    if match is None:
        raise Refused(_("Which type and level? Write {example}. {levels}", example=EXAMPLE, levels=_LEVELS_TEXT))
    parts = match.groupdict()
    until = parse_date(parts["until"]) if parts["until"] else None
    level = parse_skill_level(parts["level"])
    certificate = (parts["certificate"] or "").strip()[:MAX_CERTIFICATE_LENGTH]
    skill = Skill(level, until, certificate) if level is not None else None
    return SkillCommand(person[1:], _find_type_key(policy, parts["type"]), skill)


def parse_skill_level(word: str) -> SkillLevel | None:
    if word.casefold() == NO_SKILL:
        return None
    try:
        return SkillLevel(word.casefold())
    except ValueError:
        raise Refused(_("{word} isn't a level. {levels}", word=Code(word), levels=_LEVELS_TEXT)) from None


def _find_type_key(policy: Policy, word: str) -> str:
    keys = policy.type_keys_by_name
    if word.casefold() in keys:
        return keys[word.casefold()]
    guess, typed = closest_word(word.casefold(), keys), Code(word)
    if guess:
        raise Refused(_("{word} isn't a type here. Did you mean {guess}?", word=typed, guess=Code(keys[guess])))
    types = join_texts((Text("{key}", {"key": Code(key)}) for key in policy.types), ", ")
    raise Refused(_("{word} isn't a type here. Types: {types}.", word=typed, types=types))


MIN_RESOLVED = 10  # with fewer the counts suggest nothing
EXPERT_RESOLVED = 30
CAPABLE_IN_TIME_SHARE, EXPERT_IN_TIME_SHARE = 0.8, 0.9  # shares in time for the next level, at least
CAPABLE_REOPENED_SHARE, EXPERT_REOPENED_SHARE = 0.1, 0.05  # shares reopened for the next level, at most
DOUBTFUL_IN_TIME_SHARE, DOUBTFUL_REOPENED_SHARE = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class SkillEvidence:
    """Counts over a number of days: the tickets the person resolved last, how many of them had a target and met it, how
    many were reopened, and how the person's escalations were decided."""

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
        """1 where no ticket had a target: then none was late."""
        return self.in_time / self.with_target if self.with_target else 1.0

    @property
    def share_reopened(self) -> float:
        return self.reopened / self.resolved if self.resolved else 0.0


def evidence_text(evidence: SkillEvidence) -> Text:
    decided = evidence.accepted + evidence.rejected
    if not evidence.resolved and not decided:
        return _("No tickets resolved in {days} days", days=evidence.days)
    parts = [_("{resolved} resolved in {days} days", resolved=evidence.resolved, days=evidence.days)]
    if evidence.with_target:
        share = round(100 * evidence.share_in_time)
        met, of = evidence.in_time, evidence.with_target
        parts.append(_("SLA met {share} % ({met} of {count})", share=share, met=met, count=of))
    if evidence.resolved:
        parts.append(_("{count} reopened", count=evidence.reopened))
    if decided:
        parts.append(_("{accepted} of {count} escalations accepted", accepted=evidence.accepted, count=decided))
    if evidence.is_small:
        parts.append(_("small sample"))
    return join_texts(parts, " · ")


def level_suggestion(evidence: SkillEvidence, level: SkillLevel | None) -> Text | None:
    """None where the history suggests no other level."""
    if evidence.is_small:
        return None
    in_time, reopened = evidence.share_in_time, evidence.share_reopened
    if level is not None and (in_time < DOUBTFUL_IN_TIME_SHARE or reopened > DOUBTFUL_REOPENED_SHARE):
        return _("Often late or reopened. Is this level still right?")
    is_capable = in_time >= CAPABLE_IN_TIME_SHARE and reopened <= CAPABLE_REOPENED_SHARE
    if level in (None, SkillLevel.LEARNING) and is_capable:
        return _("Suggested level: can do it")
    if level is SkillLevel.CAN and _is_excellent(evidence):
        return _("Suggested level: expert")
    return None


def _is_excellent(evidence: SkillEvidence) -> bool:
    is_good = evidence.share_in_time >= EXPERT_IN_TIME_SHARE and evidence.share_reopened <= EXPERT_REOPENED_SHARE
    return evidence.resolved >= EXPERT_RESOLVED and is_good and evidence.rejected <= evidence.accepted
