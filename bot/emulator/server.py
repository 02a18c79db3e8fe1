"""The workspace as one object: start it, point an app at it, act in it."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from bot.emulator.errors import AskedFor, Refused
from bot.emulator.events import events
from bot.emulator.events.delivery import ANSWER_SECONDS, RETRY_AFTER, Delivery
from bot.emulator.events.envelopes import VERIFICATION, event_callback
from bot.emulator.faults import Faults
from bot.emulator.limits.rates import Rates
from bot.emulator.people.person import Person
from bot.emulator.people.submitting import Submitting
from bot.emulator.state import seed, user_groups
from bot.emulator.state.shapes import dnd_status, user_object
from bot.emulator.state.tokens import Passes
from bot.emulator.state.workspace import Change, Json, User
from bot.emulator.traffic import Traffic
from bot.emulator.web import api, page
from bot.emulator.web.stream import Stream

LARGEST_REQUEST = 64 * 1024 * 1024
HOST = "127.0.0.1"
WAIT_SECONDS = 60.0  # a wait ends as soon as what it waits for is there
DND = {"dnd", "dnd_start", "dnd_end"}
T = TypeVar("T")


@dataclass(frozen=True)
class Refusal:
    """Something the workspace would not accept from the app."""

    method: str
    error: str
    detail: str


class NeverHappened(AssertionError):
    """What a test waited for did not come; the text ends with the last traffic."""


class Emulator:
    def __init__(
        self,
        seed_data: Mapping[str, Any],
        rate_limits: bool = False,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        retry_after: tuple[float, ...] = RETRY_AFTER,
        trigger_seconds: float = 3.0,
        response_seconds: float = 1800.0,
    ) -> None:
        self.workspace = seed.build(seed_data)
        self.workspace.rates = Rates(rate_limits)
        self.workspace.passes = Passes(trigger_seconds, response_seconds)
        self.traffic = Traffic()
        self.faults = Faults(self.workspace)
        self.refused: list[Refusal] = []
        self.delivery = Delivery(
            self.workspace.app, self.traffic, self._wake, answer_seconds=answer_seconds, retry_after=retry_after
        )
        self.submitting = Submitting(self)
        self._people: dict[str, Person] = {}
        self._runner: web.AppRunner | None = None
        self._stream = Stream(self)
        self._woken = asyncio.Event()
        self.workspace.listeners += [self._hear, self._stream.hear]

    @property
    def url(self) -> str:
        return self.workspace.url

    @property
    def api_url(self) -> str:
        return self.workspace.url + "/api/"

    @property
    def lost(self) -> list[Json]:
        """Events the app never answered, after all their retries."""
        return self.delivery.lost

    async def start(self, port: int = 0, host: str = HOST) -> None:
        app = web.Application(client_max_size=LARGEST_REQUEST, middlewares=[page.same_origin])
        app.add_routes(api.routes(self) + page.routes(self, self._stream))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.workspace.url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self.delivery.close()
        await self._stream.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def use_http(self, url: str | None) -> None:
        """Signed HTTP to this address instead of Socket Mode; None goes back."""
        self.delivery.http_url = url

    def person(self, user_id: str) -> Person:
        if user_id not in self._people:
            if user_id not in self.workspace.users:
                raise LookupError(f"Nobody here is {user_id!r}; the seed knows {', '.join(self.workspace.users)}.")
            self._people[user_id] = Person(self, self.workspace.users[user_id])
        return self._people[user_id]

    def add_person(self, **fields: Any) -> Person:
        """Somebody new joins the team; the app hears team_join."""
        user = User(**{"name": fields["id"].lower(), **fields})
        self.workspace.add_user(user)
        self._tell_of(user, "team_join")
        return self.person(user.id)

    def change_person(self, user_id: str, **fields: Any) -> None:
        """A profile, status or presence changes, or the account is deleted; the app hears user_change.

        Of do not disturb it hears dnd_updated_user, and of presence nothing, as in Slack."""
        user = self.workspace.user(user_id)
        quiet = set(fields) <= {"presence", *DND}
        for name, value in fields.items():
            if not hasattr(user, name):
                raise LookupError(f"A person has no {name!r}.")
            setattr(user, name, value)
        self._tell_of(user, "presence_change" if quiet else "user_change")
        if DND & set(fields):
            told = {"user": user.id, "dnd_status": dnd_status(user)}
            self.workspace.publish(Change("dnd_updated_user", user=user.id, data=told))

    def change_group(self, group_id: str, **fields: Any) -> None:
        """A user group's users, name or handle change, or it is disabled; the app hears subteam_updated."""
        user_groups.change(self.workspace, group_id, **fields)

    def refuse(self, method: str, refusal: Refused, *, expected: bool = False) -> None:
        """Keeps what was refused; a fault that was asked for is not the app's mistake."""
        if not (expected or isinstance(refusal, AskedFor)):
            self.refused.append(Refusal(method, refusal.error, refusal.detail()))
        self._wake()

    async def until(self, predicate: Callable[[], T], seconds: float = WAIT_SECONDS) -> T:
        """The first true value of predicate, asked again after every change; a LookupError in it means not yet."""
        try:
            async with asyncio.timeout(seconds):
                while not (value := _tried(predicate)):
                    await self._woken.wait()
                return value
        except TimeoutError:
            if value := _tried(predicate):
                return value
            words = f"Not within {seconds} s. The last traffic:\n{self.traffic.last()}"
            raise NeverHappened(words) from None

    async def verify_url(self) -> bool:
        """Slack's challenge before it trusts an address: true when the app echoes it."""
        challenge = secrets.token_hex(16)
        payload = {"type": "url_verification", "token": VERIFICATION, "challenge": challenge}
        answer = await self.delivery.challenge(payload)
        return isinstance(answer.body, dict) and challenge in answer.body.values()

    async def connected(self, seconds: float = WAIT_SECONDS) -> None:
        """Until the app has opened its Socket Mode connection."""
        await self.until(self.delivery.sockets.connected, seconds)

    async def settled(self, seconds: float = WAIT_SECONDS) -> None:
        """Until every event that was sent is answered, or waits for a later attempt."""
        await self.until(self.delivery.idle, seconds)

    async def refresh_sockets(self) -> None:
        """Slack asks its connections to come again every few hours; this is that hour."""
        await self.delivery.sockets.refresh()

    def retry_now(self) -> None:
        """Events that wait for their next attempt get it now."""
        self.delivery.retry_now()

    def _tell_of(self, user: User, kind: str) -> None:
        shown = user_object(self.workspace, user, locale=True)
        self.workspace.publish(Change(kind, user=user.id, data={"user": shown}))

    def _hear(self, change: Change) -> None:
        if change.kind == "ephemeral" and change.user is not None:
            self.person(change.user).whispered(change.message)
        for event in events.told(self.workspace, change):
            self.delivery.send_event(event_callback(self.workspace, event))
        self._wake()

    def _wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()


def _tried(predicate: Callable[[], T]) -> T | None:
    try:
        return predicate()
    except LookupError:
        return None
