"""The workspace itself: who is there, which channels they share, and what was said."""

import hashlib
import itertools
import secrets
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.emulator.errors import Refused
from bot.emulator.limits.rates import Rates
from bot.emulator.state.tokens import Passes

Json = dict[str, Any]
COLORS = ["4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "9f69e7", "2b6836", "d58247", "50a0cf", "df3dc0"]
MICROSECONDS = 1_000_000


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

    def color(self) -> str:
        return COLORS[hashlib.sha256(self.id.encode()).digest()[0] % len(COLORS)]

    def offset(self) -> timedelta:
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
    roots: list[str] = field(default_factory=list)
    threads: dict[str, list[str]] = field(default_factory=dict)
    ephemerals: dict[str, dict[str, Json]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def kind(self) -> str:
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "group" if self.is_private else "channel"

    def unread(self, user: str) -> int:
        return len(self.roots) - bisect_right(self.roots, self.read.get(user, ""))

    def other(self, user: str) -> str:
        """Whom this person talks to in this DM; herself in her own notes."""
        return next((member for member in self.members if member != user), user)


@dataclass
class StoredFile:
    info: Json
    content: bytes = b""
    complete: bool = False
    unready: int = 0  # how often a block with it is still refused, as Slack does while it looks at a fresh file


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
    scopes: frozenset[str] | None  # None: the manifest names none, so none is asked for

    def commands(self) -> list[Json]:
        return list(self.manifest.get("features", {}).get("slash_commands") or [])

    def shortcuts(self) -> list[Json]:
        return list(self.manifest.get("features", {}).get("shortcuts") or [])

    def hears(self, event: str) -> bool:
        subscribed = self.manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events")
        return not self.manifest or event in (subscribed or [])

    def messages_tab(self) -> bool:
        home = self.manifest.get("features", {}).get("app_home", {})
        return bool(home.get("messages_tab_enabled", True))

    def may_be_written_to(self) -> bool:
        home = self.manifest.get("features", {}).get("app_home", {})
        return self.messages_tab() and not home.get("messages_tab_read_only_enabled", False)


@dataclass(frozen=True)
class Change:
    """Something that happened: listeners turn it into events for the app and news for open pages."""

    kind: str
    channel: Channel | None = None
    user: str | None = None
    message: Json = field(default_factory=dict)
    previous: Json | None = None
    data: Json = field(default_factory=dict)


class Workspace:
    """State and lookups; what people and the app do to it lives in messages.py, views.py and files.py."""

    def __init__(self, team: Json, app: App) -> None:
        self.team = team
        self.app = app
        self.url = ""
        self.passes = Passes()
        self.rates = Rates(on=False)
        self.slow_files = 0
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.names: dict[str, str] = {}
        self.usergroups: dict[str, Json] = {}
        self.modals: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, StoredFile] = {}
        self.listeners: list[Callable[[Change], None]] = []
        self.closed_to_app: dict[str, str] = {}
        self._directs: dict[tuple[str, ...], str] = {}
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

    def user(self, user_id: str, error: str = "user_not_found") -> User:
        if user_id not in self.users:
            raise Refused(error)
        return self.users[user_id]

    def add_user(self, user: User) -> None:
        self.users[user.id] = user
        self.names[user.name.lower()] = user.id

    def add_channel(self, channel: Channel) -> Channel:
        channel.created = channel.created or int(time.time())
        self.channels[channel.id] = channel
        return channel

    def channel(self, channel_id: str) -> Channel:
        if channel_id not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[channel_id]

    def channel_named(self, name: str) -> Channel | None:
        shared = (channel for channel in self.channels.values() if not channel.is_im and channel.name == name)
        return next(shared, None)

    def app_channel(self, channel_id: str) -> Channel:
        """A channel the app may know of: Slack hides private ones it is not in as if they were not there."""
        channel = self.channel(channel_id)
        hidden = channel.kind() != "channel" and self.app.bot_user not in channel.members
        if hidden:
            raise Refused("channel_not_found")
        return channel

    def seen_by(self, user: str) -> Iterator[Channel]:
        for channel in self.channels.values():
            if user in channel.members or channel.kind() == "channel":
                yield channel

    def conversation(self, *people: str) -> Channel:
        """The DM or group DM these people share; made at the first word."""
        key = tuple(sorted(set(people)))
        if key not in self._directs:
            alone_or_two = len(key) <= len(("one", "other"))
            channel = Channel(self.new_id("D" if alone_or_two else "G"), is_im=alone_or_two, is_mpim=not alone_or_two)
            channel.is_private = not alone_or_two
            channel.members = dict.fromkeys(key)
            channel.name = "" if alone_or_two else "mpdm-" + "--".join(self.users[one].name for one in key) + "-1"
            self._directs[key] = self.add_channel(channel).id
            self.publish(Change("channel", channel))
        return self.channels[self._directs[key]]
