"""A Slack user group feeds a team: whoever is in it counts as if desk.yml named them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

_GROUP = re.compile(r"S[A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of a user group; `members` are those that Slack names, `left_out` who of them does not count:
    deactivated people, and bots. Without a handle nothing is known of it yet."""

    key: str
    name: str = ""
    handle: str = ""
    members: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        return bool(self.handle)

    @property
    def people(self) -> tuple[str, ...]:
        """Those of its members who count."""
        return tuple(one for one in self.members if one not in self.left_out)


@dataclass(frozen=True, slots=True)
class Feed:
    """A group that stands where people are named: as a team's `leads`, `agents` or `experts`."""

    role: str
    group: Group


Groups = Mapping[str, Group]
NONE_KNOWN: Groups = {}
REINSTALL = "Paste `baton manifest` under App Manifest on the app's page, then reinstall it under Install App."


def is_group(word: str) -> bool:
    """Whether the word is the id of a user group, and not of a person."""
    return bool(_GROUP.fullmatch(word))


def people_of(named: Iterable[str], groups: Groups) -> tuple[str, ...]:
    """The people whom these names mean, in their order and each once; a group that is not known yet means nobody."""
    found = (_members(word, groups) if is_group(word) else (word,) for word in named)
    return tuple(dict.fromkeys(person for people in found for person in people))


def feeds_of(named: Mapping[str, Sequence[str]], groups: Groups) -> tuple[Feed, ...]:
    """The groups among the names, by role, with what is known of each."""
    return tuple(
        Feed(role, groups.get(word, Group(word))) for role, words in named.items() for word in words if is_group(word)
    )


def refused(code: str, named: Collection[str]) -> str:
    """What it means that Slack would not tell of the user groups that desk.yml names, and what to do."""
    which = ", ".join(named)
    head = f"Slack does not tell who is in {which} (`{code}`), so whoever was known of there stays."
    return f"{head} {_REMEDIES.get(code, 'It is asked again within an hour.')}"


def not_found(key: str) -> str:
    return f"Slack knows no user group {key}, so whoever was known of there stays. Correct the id in desk.yml."


def switched_off(key: str, handle: str) -> str:
    return (
        f"The user group @{handle} ({key}) is disabled in Slack, so whoever was known of there stays. "
        "Enable it there, or name people in desk.yml."
    )


_PAID = "User groups need a paid plan of Slack: name people in desk.yml instead."
_REMEDIES = {"missing_scope": REINSTALL, "paid_teams_only": _PAID, "plan_upgrade_required": _PAID}


def _members(key: str, groups: Groups) -> tuple[str, ...]:
    return groups.get(key, Group(key)).people
