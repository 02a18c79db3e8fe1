"""What a lead types of somebody's competence: `@ana network expert until 2027-01-31 certificate CCNA`."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from rules.description_calendars import read_date
from rules.errors import DeskError
from rules.people import Level, Skill
from rules.policy import Policy

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
