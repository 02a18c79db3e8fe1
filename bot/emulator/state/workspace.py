"""The workspace itself: its people, channels, messages, views and files."""

import hashlib
import itertools
import secrets
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.emulator.errors import SlackError
from bot.emulator.limits.rates import RateLimits
from bot.emulator.state.temporary_ids import TemporaryIds
from bot.emulator.types import Json

AVATAR_COLORS = ["4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "9f69e7", "2b6836", "d58247", "50a0cf", "df3dc0"]
MICROSECONDS = 1_000_000
MAX_DM_MEMBERS = 2
KIND_FAMILIES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}  # in names of scopes and events


@dataclass
class User:
    id: str
    name: str
    real_name: str = ""
    title: str = ""
    tz: str = "UTC"
    locale: str = "en-US"
    email: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    deleted: bool = False
    presence: str = "active"
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    dnd: bool = False
    dnd_start: int = 0  # 0: a minute ago
    dnd_end: int = 0  # 0: in an hour
    team_id: str = ""  # another company's; empty for this one

    def avatar_color(self) -> str:
        return AVATAR_COLORS[hashlib.sha256(self.id.encode()).digest()[0] % len(AVATAR_COLORS)]

    def utc_offset(self) -> timedelta:
        return datetime.now(ZoneInfo(self.tz)).utcoffset() or timedelta()


@dataclass
class Channel:
    id: str
    name: str = ""
    topic: str = ""
    purpose: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    is_mpim: bool = False
    created: int = 0
    members: dict[str, None] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)  # ts of the messages outside threads, in order
    threads: dict[str, list[str]] = field(default_factory=dict)  # ts of the replies by their root's
    ephemerals: dict[str, dict[str, Json]] = field(default_factory=dict)  # by user, then by ts
    last_read: dict[str, str] = field(default_factory=dict)  # ts by user

    def kind(self) -> str:
        """A key of KIND_FAMILIES."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "group" if self.is_private else "channel"

    def is_visible_to(self, user: str) -> bool:
        return self.kind() == "channel" or user in self.members

    def unread_count(self, user: str) -> int:
        return len(self.roots) - bisect_right(self.roots, self.last_read.get(user, ""))

    def dm_partner(self, user: str) -> str:
        """In the notes of a person to herself, she is her own partner."""
        return next((member for member in self.members if member != user), user)


@dataclass
class StoredFile:
    info: Json
    content: bytes = b""
    complete: bool = False
    checks_left: int = 0  # how often a block with it is still refused, as Slack does while it checks a fresh file


@dataclass(frozen=True)
class App:
    id: str
    bot_user: str
    bot_id: str
    name: str
    bot_token: str
    app_token: str
    signing_secret: str
    manifest: Json
    scopes: frozenset[str] | None  # None: the manifest names none, and no method requires one

    def commands(self) -> list[Json]:
        return list(self._features("slash_commands") or [])

    def shortcuts(self) -> list[Json]:
        return list(self._features("shortcuts") or [])

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def subscribes_to(self, event: str) -> bool:
        subscribed = self.manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events")
        return not self.manifest or event in (subscribed or [])

    def has_messages_tab(self) -> bool:
        home = self._features("app_home") or {}
        return bool(home.get("messages_tab_enabled", True))

    def accepts_messages(self) -> bool:
        home = self._features("app_home") or {}
        return self.has_messages_tab() and not home.get("messages_tab_read_only_enabled", False)

    def _features(self, name: str) -> Any:  # noqa: ANN401 - a list or an object of the manifest
        return self.manifest.get("features", {}).get(name)


@dataclass(frozen=True)
class Change:
    """Listeners turn it into events for the app and updates for open pages."""

    kind: str
    channel: Channel | None = None
    user: str | None = None
    message: Json = field(default_factory=dict)
    previous: Json | None = None
    data: Json = field(default_factory=dict)


class Workspace:
    """State and lookups; messages.py, views.py, files.py and others change it."""

    def __init__(self, team: Json, app: App) -> None:
        self.team = team
        self.app = app
        self.url = ""
        self.temporary_ids = TemporaryIds()
        self.rate_limits = RateLimits()
        self.file_checks = 0  # how often a block with a new file is refused
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.user_ids_by_name: dict[str, str] = {}
        self.usergroups: dict[str, Json] = {}
        self.modals: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, StoredFile] = {}
        self.listeners: list[Callable[[Change], None]] = []
        self.post_errors: dict[str, str] = {}  # by channel: every post of the app is refused so
        self._direct_channel_ids: dict[tuple[str, ...], str] = {}
        self._last_ts = 0
        self._numbers = itertools.count(1)

    def publish(self, change: Change) -> None:
        for listener in list(self.listeners):
            listener(change)

    def new_ts(self) -> str:
        """Unique and increasing, as Slack's are within a channel."""
        self._last_ts = max(int(time.time() * MICROSECONDS), self._last_ts + 1)
        return f"{self._last_ts // MICROSECONDS}.{self._last_ts % MICROSECONDS:06d}"

    def new_id(self, letter: str) -> str:
        return f"{letter}0{next(self._numbers):04X}{secrets.token_hex(3).upper()}"

    def user(self, user_id: str) -> User:
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def add_user(self, user: User) -> None:
        self.users[user.id] = user
        self.user_ids_by_name[user.name.lower()] = user.id

    def add_channel(self, channel: Channel) -> Channel:
        channel.created = channel.created or int(time.time())
        self.channels[channel.id] = channel
        return channel

    def channel(self, channel_id: str) -> Channel:
        if channel_id not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[channel_id]

    def channel_named(self, name: str) -> Channel | None:
        named = (channel for channel in self.channels.values() if not channel.is_im and channel.name == name)
        return next(named, None)

    def visible_channel(self, channel_id: str, user: str) -> Channel:
        """Slack hides a private channel from those outside it as if it were not there."""
        channel = self.channel(channel_id)
        if not channel.is_visible_to(user):
            raise SlackError("channel_not_found")
        return channel

    def channel_for_app(self, channel_id: str) -> Channel:
        return self.visible_channel(channel_id, self.app.bot_user)

    def channels_visible_to(self, user: str) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.is_visible_to(user)]

    def direct_channel(self, *users: str) -> Channel:
        """The DM or group DM these people share, created on first use."""
        key = tuple(sorted(set(users)))
        if key not in self._direct_channel_ids:
            channel = self.add_channel(self._new_direct_channel(key))
            self._direct_channel_ids[key] = channel.id
            self.publish(Change("channel", channel))
        return self.channels[self._direct_channel_ids[key]]

    def _new_direct_channel(self, users: tuple[str, ...]) -> Channel:
        members = dict.fromkeys(users)
        if len(users) <= MAX_DM_MEMBERS:
            return Channel(self.new_id("D"), is_im=True, members=members)
        name = "mpdm-" + "--".join(self.users[user].name for user in users) + "-1"
        return Channel(self.new_id("G"), name, is_mpim=True, is_private=True, members=members)
