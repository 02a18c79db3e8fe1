"""One Bolt listener per kind of payload, and a dict that says who answers which name."""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.errors import UnknownInteraction, show_error

Listener = Callable[..., Awaitable[None]]
ListenerName = str
ANY_NAME = re.compile(".*", re.DOTALL)
KINDS = ("command", "action", "view", "shortcut", "options", "event")


@dataclass(frozen=True, slots=True)
class Route:
    """A listener and what it wants to be handed."""

    listener: Listener
    parameters: frozenset[str]


@dataclass(slots=True)
class Router:
    """Listeners by kind and name, registered with Bolt's own verbs: `on.action(Button.TAKE)(take)`."""

    routes: dict[str, dict[ListenerName, Route]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def command(self, name: ListenerName) -> Callable[[Listener], Listener]:
        return partial(self._add, "command", name)

    def action(self, name: ListenerName) -> Callable[[Listener], Listener]:
        return partial(self._add, "action", name)

    def view(self, name: ListenerName) -> Callable[[Listener], Listener]:
        return partial(self._add, "view", name)

    def shortcut(self, name: ListenerName) -> Callable[[Listener], Listener]:
        return partial(self._add, "shortcut", name)

    def options(self, name: ListenerName) -> Callable[[Listener], Listener]:
        return partial(self._add, "options", name)

    def event(self, name: ListenerName) -> Callable[[Listener], Listener]:
        return partial(self._add, "event", name)

    def attach(self, app: AsyncApp) -> None:
        """Registers one listener per kind with Bolt, so that dispatch costs the same however many names there are."""
        app.command(ANY_NAME)(self._dispatch("command", lambda body: body["command"]))
        app.action({"type": "block_actions", "action_id": ANY_NAME, "block_id": ANY_NAME})(
            self._dispatch("action", lambda body: body["actions"][0]["action_id"])
        )
        app.view(ANY_NAME)(self._dispatch("view", lambda body: body["view"]["callback_id"]))
        app.event(ANY_NAME)(self._dispatch("event", lambda body: body["event"]["type"]))
        app.shortcut(ANY_NAME)(self._dispatch("shortcut", lambda body: body["callback_id"]))
        app.options(ANY_NAME)(self._dispatch("options", lambda body: body["action_id"]))

    def _add(self, kind: str, name: ListenerName, listener: Listener) -> Listener:
        if name in self.routes[kind]:
            raise ValueError(f"Two listeners for {kind} {name}.")
        self.routes[kind][str(name)] = Route(listener, frozenset(inspect.signature(listener).parameters))
        return listener

    def _dispatch(self, kind: str, name_of: Callable[[dict[str, Any]], str]) -> Listener:
        routes = self.routes[kind]

        async def dispatch(
            ack: AsyncAck,
            body: dict[str, Any],
            client: AsyncWebClient,
            context: AsyncBoltContext,
            request: AsyncBoltRequest,
        ) -> None:
            handed = {"ack": ack, "body": body, "client": client, "desk": context["desk"]}
            try:
                route = routes.get(name_of(body))
                if route is None:
                    raise UnknownInteraction(kind)
                await route.listener(**{name: handed[name] for name in route.parameters})
            except Exception as error:  # the one place where a failure becomes words for the person
                await show_error(error, kind, ack=ack, body=body, client=client, is_retry=_is_retry(request))

        return dispatch


def _is_retry(request: AsyncBoltRequest) -> bool:
    """Whether Slack sends this event once more; the first time it is attempt 0, or says nothing of attempts."""
    return any(int(attempt) for attempt in request.headers.get("x-slack-retry-num", ()) if attempt.isdigit())
