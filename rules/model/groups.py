"""Slack user groups that fill a team's roles: their members count as if the configuration named them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rules.text import Code, Text, _, join_texts

_USER_GROUP_ID = re.compile(r"S[A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class SlackUserGroup:
    """A user group: the `members` that Slack lists, and those of them in `excluded` (deactivated people, bots). Without
    a handle Slack has not been asked yet."""

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
        return tuple(one for one in self.members if one not in self.excluded)


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """A user group listed where people are named: as a team's `leads`, `agents` or `experts`."""

    role: str
    group: SlackUserGroup


UserGroups = Mapping[str, SlackUserGroup]
NO_USER_GROUPS: UserGroups = {}
REINSTALL_REMEDY = _(
    "Paste {command} under App Manifest on the app's page, then reinstall it under Install App.",
    command=Code("baton manifest"),
)


def is_user_group_id(word: str) -> bool:
    return bool(_USER_GROUP_ID.fullmatch(word))


def expand_user_groups(words: Iterable[str], groups: UserGroups) -> tuple[str, ...]:
    """The people these words name, in order and each once; a user group that is not read yet has no people."""
    expanded = (
        groups.get(word, SlackUserGroup(word)).active_members if is_user_group_id(word) else (word,) for word in words
    )
    return tuple(dict.fromkeys(chain.from_iterable(expanded)))


def find_role_groups(named: Mapping[str, Sequence[str]], groups: UserGroups) -> tuple[RoleGroup, ...]:
    listed = ((role, word) for role, words in named.items() for word in words if is_user_group_id(word))
    return tuple(RoleGroup(role, groups.get(word, SlackUserGroup(word))) for role, word in listed)


def user_groups_refused_text(code: str, keys: Collection[str]) -> Text:
    refused = _(
        "Slack doesn't list the members of {groups} ({code}), so the last known members are kept.",
        groups=", ".join(keys),
        code=Code(code),
    )
    return join_texts([refused, _REMEDIES.get(code, _("Baton tries again within an hour."))])


def user_group_missing_text(key: str) -> Text:
    return _("Slack has no user group {key}, so the last known members are kept. Correct the id in desk.yml.", key=key)


def user_group_disabled_text(key: str, handle: str) -> Text:
    return _(
        "The user group @{handle} ({key}) is disabled in Slack, so the last known members are kept. "
        "Enable it there, or name people in desk.yml.",
        handle=handle,
        key=key,
    )


_PAID_PLAN_REMEDY = _("User groups need a paid plan of Slack: name people in desk.yml instead.")
_REMEDIES = {
    "missing_scope": REINSTALL_REMEDY,
    "paid_teams_only": _PAID_PLAN_REMEDY,
    "plan_upgrade_required": _PAID_PLAN_REMEDY,
}
