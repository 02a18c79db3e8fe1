"""A Slack user group feeds a team: whoever is in it counts as if desk.yml named them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

_USER_GROUP_ID = re.compile(r"S[A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class SlackUserGroup:
    """What is known of a user group; `members` are those that Slack names, `left_out` who of them does not count:
    deactivated people, and bots. Without a handle nothing is known of it yet."""

    key: str
    name: str = ""
    handle: str = ""
    members: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        return bool(self.handle)

    @property
    def active_members(self) -> tuple[str, ...]:
        """Those of its members who count."""
        return tuple(one for one in self.members if one not in self.excluded)


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """A group that stands where people are named: as a team's `leads`, `agents` or `experts`."""

    role: str
    group: SlackUserGroup


UserGroups = Mapping[str, SlackUserGroup]
NO_USER_GROUPS: UserGroups = {}
REINSTALL_REMEDY = "Paste `baton manifest` under App Manifest on the app's page, then reinstall it under Install App."


def is_user_group_id(word: str) -> bool:
    """Whether the word is the id of a user group, and not of a person."""
    return bool(_USER_GROUP_ID.fullmatch(word))


def expand_user_groups(words: Iterable[str], groups: UserGroups) -> tuple[str, ...]:
    """The people whom these names mean, in their order and each once; a group that is not known yet means nobody."""
    found = (_active_members(word, groups) if is_user_group_id(word) else (word,) for word in words)
    return tuple(dict.fromkeys(person for people in found for person in people))


def find_role_groups(named: Mapping[str, Sequence[str]], groups: UserGroups) -> tuple[RoleGroup, ...]:
    """The groups among the names, by role, with what is known of each."""
    return tuple(
        RoleGroup(role, groups.get(word, SlackUserGroup(word)))
        for role, words in named.items()
        for word in words
        if is_user_group_id(word)
    )


def user_groups_refused_text(code: str, keys: Collection[str]) -> str:
    """What it means that Slack would not tell of the user groups that desk.yml names, and what to do."""
    which = ", ".join(keys)
    head = f"Slack does not tell who is in {which} (`{code}`), so whoever was known of there stays."
    return f"{head} {_REMEDIES.get(code, 'It is asked again within an hour.')}"


def user_group_missing_text(key: str) -> str:
    return f"Slack knows no user group {key}, so whoever was known of there stays. Correct the id in desk.yml."


def user_group_disabled_text(key: str, handle: str) -> str:
    return (
        f"The user group @{handle} ({key}) is disabled in Slack, so whoever was known of there stays. "
        "Enable it there, or name people in desk.yml."
    )


_PAID_PLAN_REMEDY = "User groups need a paid plan of Slack: name people in desk.yml instead."
_REMEDIES = {
    "missing_scope": REINSTALL_REMEDY,
    "paid_teams_only": _PAID_PLAN_REMEDY,
    "plan_upgrade_required": _PAID_PLAN_REMEDY,
}


def _active_members(key: str, groups: UserGroups) -> tuple[str, ...]:
    return groups.get(key, SlackUserGroup(key)).active_members
