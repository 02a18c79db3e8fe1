"""Who knows what: levels by person and type, how a lead types them, and what the history says of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from rules.config.calendars import read_date
from rules.errors import DeskError
from rules.model.people import Level, Skill, rank
from rules.model.policy import Policy, TicketType

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


NONE = "none"
HOW = "`/desk skill @ana network expert until 2027-01-31`"
CERTIFICATE_LIMIT = 75
_SAID = re.compile(
    r"(?P<type>.+?)\s+(?P<level>\S+)(?:\s+until\s+(?P<until>\S+))?(?:\s+certificate\s+(?P<certificate>.+))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Said:
    """Of whom, and which type and skill; without a type it asks what is known. A skill of None takes the level away."""

    person: str
    type: str | None = None
    skill: Skill | None = None


def read_said(text: str, policy: Policy) -> Said:
    """What was typed after `/desk skill`; DeskError says what is missing or meant."""
    person, _, rest = text.strip().partition(" ")
    if not re.fullmatch(r"@[UW][A-Z0-9]+", person):
        raise DeskError(f"Of whom? Name a colleague: {HOW}, or `/desk skill @ana` to see what is known.")
    if not rest.strip():
        return Said(person[1:])
    found = _parted(rest.strip())
    until = read_date(found["until"]) if found["until"] else None
    level = read_level(found["level"])
    certificate = (found["certificate"] or "").strip()[:CERTIFICATE_LIMIT]
    skill = Skill(level, until, certificate) if level is not None else None
    return Said(person[1:], _type(policy, found["type"]), skill)


def read_level(word: str) -> Level | None:
    """The level of that word; None for `none`."""
    if word.casefold() == NONE:
        return None
    try:
        return Level(word.casefold())
    except ValueError:
        raise DeskError(f"`{word}` is no level. Levels: none, {', '.join(Level)}.") from None


def _parted(rest: str) -> dict[str, str]:
    found = _SAID.fullmatch(rest)
    if found is None:
        raise DeskError(f"Which type, and which level? Write {HOW}. Levels: none, {', '.join(Level)}.")
    return found.groupdict()


def _type(policy: Policy, word: str) -> str:
    known = {kind.name.casefold(): key for key, kind in policy.types.items()} | {
        key.casefold(): key for key in policy.types
    }
    if word.casefold() in known:
        return known[word.casefold()]
    near = get_close_matches(word.casefold(), known, n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    raise DeskError(f"`{word}` is not a type here.{meant} Types: {', '.join(f'`{key}`' for key in policy.types)}.")


FEW = 10  # of fewer nothing is suggested
MANY = 30
MOSTLY, ALWAYS = 0.8, 0.9  # share in time, for the next level
SELDOM, HARDLY = 0.1, 0.05  # share reopened, at most
DOUBTED_IN_TIME, DOUBTED_REOPENED = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts over a span of days: what the person resolved last, how much of what was promised was in time, how many
    came back, and what became of their questions to the experts."""

    days: int
    resolved: int = 0
    promised: int = 0
    in_time: int = 0
    reopened: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def is_small(self) -> bool:
        return self.resolved < FEW

    @property
    def share_in_time(self) -> float:
        """1 where nothing was promised: then nothing was late."""
        return self.in_time / self.promised if self.promised else 1.0

    @property
    def share_reopened(self) -> float:
        return self.reopened / self.resolved if self.resolved else 0.0


def words(found: Evidence) -> str:
    """The counts in a line, each with what it is a part of; a small n is said to be small."""
    asked = found.accepted + found.rejected
    if not found.resolved and not asked:
        return f"None resolved in {found.days} days."
    parts = [f"{found.resolved} resolved in {found.days} days"]
    if found.promised:
        parts.append(f"{found.in_time} of {found.promised} in time ({round(100 * found.share_in_time)} %)")
    if found.resolved:
        parts.append(f"{found.reopened or 'none'} reopened")
    if asked:
        parts.append(f"{found.accepted} of {asked} escalations accepted")
    few = f" (n = {found.resolved}: too few to say much)" if found.is_small else ""
    return f"{', '.join(parts)}.{few}"


def suggestion(found: Evidence, level: Level | None) -> str:
    """A question to the lead; empty where the counts ask for nothing."""
    if found.is_small:
        return ""
    if level is not None and _is_doubtful(found):
        return "Often late or back again: is this level still right?"
    if level in (None, Level.LEARNING) and found.share_in_time >= MOSTLY and found.share_reopened <= SELDOM:
        return f"{_in_short(found)}: can do it?"
    if level is Level.CAN and _is_excellent(found):
        return f"{_in_short(found)}: is an expert?"
    return ""


def _is_doubtful(found: Evidence) -> bool:
    return found.share_in_time < DOUBTED_IN_TIME or found.share_reopened > DOUBTED_REOPENED


def _is_excellent(found: Evidence) -> bool:
    often = found.resolved >= MANY and found.share_in_time >= ALWAYS and found.share_reopened <= HARDLY
    return often and found.rejected <= found.accepted


def _in_short(found: Evidence) -> str:
    in_time = f", {found.in_time} in time" if found.promised else ""
    return f"{found.resolved} resolved{in_time}, {found.reopened or 'none'} reopened"
