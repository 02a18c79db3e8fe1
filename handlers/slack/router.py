"""One Bolt listener per kind of payload; a dict says who answers which name, and is handed what."""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import answers
from handlers.slack.blocks import Message, Modal
from handlers.slack.errors import UnknownInteraction, show_error
from handlers.slack.home_tab import HomeTab, PublishHome
from handlers.slack.ids import Button
from handlers.slack.menus import MenuEntry, add_menu_entry
from handlers.slack.messages.messages import SlackMessage
from handlers.slack.modals import open_modal
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand, trigger_id_of
from handlers.slack.people.strangers import OwnWorkspace
from rules.errors import FieldErrors, Refused
from rules.people.permissions import Permission, teams_worked_in
from rules.text import Text
from services.desk import Desk
from services.notifications.notifications import refresh_cards
from services.permissions import HiddenTicket
from storage.connections.outages import NotRead, NotSaved

Answer = Message | Modal | None
Listener = Callable[..., Awaitable[Answer]]
Register = Callable[[Listener], Listener]
Qualifier = Callable[[str], bool]
ANY_NAME = re.compile(".*", re.DOTALL)
KINDS = ("command", "action", "menu", "view", "shortcut", "options", "event")
INJECTED = frozenset(
    {"body", "client", "command", "desk", "form", "home", "message", "number", "own_workspace", "press", "words"}
)  # what a listener may name


@dataclass(frozen=True, slots=True)
class WordHelp:
    examples: tuple[str, ...]
    text: Text | str


@dataclass(frozen=True, slots=True)
class Route:
    """A listener, what it wants to be handed, and who may do what it does. `alone`: the word of a command must be all
    that was typed, beside one that the command's own `qualifier` accepts, such as a day; `help` is None for a word that
    another row explains, and a synonym is suggested to nobody."""

    listener: Listener
    permission: Permission
    parameters: frozenset[str]
    help: WordHelp | None = None
    alone: bool = False
    is_synonym: bool = False
    qualifier: Qualifier | None = None


@dataclass(slots=True)
class Router:
    """Listeners by kind and name, registered with Bolt's own verbs: `on.action(Button.TAKE, permission)(take)`.

    A listener is handed what it names, and returns what is to be shown: a message for a command, a modal to open, the
    modal that takes a form's place, None for nothing. Slack is answered when it has returned, so that what Slack was
    told is saved. One that names `number` is about that ticket: when it refuses, the ticket's cards are brought up to
    date.
    """

    routes: dict[str, dict[str, Route]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    publish_home: PublishHome | None = None
    own_workspace: OwnWorkspace = field(default_factory=lambda: OwnWorkspace(""))

    def command(self, name: str, permission: Permission, *, qualifier: Qualifier | None = None) -> Register:
        """Whatever is typed behind the command and begins with none of its words."""
        return self._register("command", [name], permission, qualifier=qualifier)

    def word(
        self,
        command: str,
        words: str,
        permission: Permission,
        help: Text | str = "",
        *,
        examples: tuple[str, ...] = (),
        alone: bool = False,
        synonyms: str = "",
    ) -> Register:
        """The first word behind a command; several words are answered by the same listener.

        Without `help` another row explains the word; without examples the word alone is the example.
        """
        names = [f"{command} {word}" for word in words.split()]
        row = WordHelp(examples or (names[0],), help) if help else None
        others = [f"{command} {word}" for word in synonyms.split()]
        add_words = self._register("command", names, permission, help=row, alone=alone)
        add_synonyms = self._register("command", others, permission, alone=alone, is_synonym=True)
        return lambda listener: add_synonyms(add_words(listener))

    def action(self, name: str, permission: Permission) -> Register:
        return self._register("action", [name], permission)

    def menu(self, choice: str, permission: Permission, entry: MenuEntry | None = None) -> Register:
        """A line under ⋯; with an entry it is in the menu of a ticket's card."""
        if entry is not None:
            add_menu_entry(choice, entry)
        return self._register("menu", [choice], permission)

    def view(self, name: str, permission: Permission) -> Register:
        return self._register("view", [name], permission)

    def shortcut(self, name: str, permission: Permission) -> Register:
        return self._register("shortcut", [name], permission)

    def options(self, name: str, permission: Permission) -> Register:
        return self._register("options", [name], permission)

    def event(self, name: str, permission: Permission) -> Register:
        return self._register("event", [name], permission)

    def attach(self, app: AsyncApp) -> None:
        """Registers one listener per kind with Bolt, so that dispatch costs the same however many names there are."""
        app.command(ANY_NAME)(self._dispatch("command"))
        app.action({"type": "block_actions", "action_id": ANY_NAME, "block_id": ANY_NAME})(self._dispatch("action"))
        app.view(ANY_NAME)(self._dispatch("view"))
        app.event(ANY_NAME)(self._dispatch("event"))
        app.shortcut(ANY_NAME)(self._dispatch("shortcut"))
        app.options(ANY_NAME)(self._dispatch("options"))

    def words_of(self, command: str) -> dict[str, Route]:
        prefix = f"{command} "
        return {name.removeprefix(prefix): one for name, one in self.routes["command"].items() if prefix in name}

    def _register(
        self,
        kind: str,
        names: Iterable[str],
        permission: Permission,
        **fields: Any,
    ) -> Register:
        def register(listener: Listener) -> Listener:
            parameters = frozenset(inspect.signature(listener, follow_wrapped=False).parameters)
            if unknown := parameters - INJECTED:
                raise ValueError(f"{listener.__name__} wants {', '.join(sorted(unknown))}, which no listener is given.")
            for name in map(str, names):
                if name in self.routes[kind]:
                    raise ValueError(f"Two listeners for {kind} {name}.")
                self.routes[kind][name] = Route(listener, permission, parameters, **fields)
            return listener

        return register

    def _dispatch(self, kind: str) -> Callable[..., Awaitable[None]]:
        async def dispatch(
            ack: AsyncAck,
            body: dict[str, Any],
            client: AsyncWebClient,
            context: AsyncBoltContext,
            request: AsyncBoltRequest,
        ) -> None:
            payload = Payload(kind, body, client, context["desk"], self)
            failed = partial(show_error, kind=kind, body=body, client=client, is_retry=_is_retry(request))
            try:
                route = self._find_route(payload)
            except Exception as error:
                await failed(error, ack=ack)
                return

            async def answer(ack: AsyncAck) -> None:
                try:
                    await _show(ack, payload, await self._answer(route, payload))
                except Exception as error:  # the one place where a failure becomes words for the person
                    await failed(error, ack=ack)

            if answers.takes_long(route.listener):
                await answers.answer_now_or_below(answer, ack, client, payload.command, payload.desk.background_tasks)
            else:
                await answer(ack)

        return dispatch

    async def _answer(self, route: Route, payload: "Payload") -> Answer:
        parameters = {name: payload.value(name) for name in route.parameters}
        try:
            return await route.listener(**parameters)
        except (FieldErrors, NotSaved, NotRead):
            raise
        except Refused as refused:
            if isinstance(refused, HiddenTicket) and payload.is_on_colleagues_card:
                raise refused.on_card from refused
            if "number" in parameters:  # most often an old card was pressed
                with suppress(NotSaved, NotRead):
                    await payload.desk.execute(refresh_cards, parameters["number"])
            raise

    def _find_route(self, payload: "Payload") -> Route:
        routes, name = self.routes[payload.kind], payload.name
        if payload.kind == "command":
            word = self._find_word(name, payload.command)
            if word is not None:
                return word
        if payload.kind == "action" and name == Button.MORE_MENU:
            if payload.press.menu_choice not in self.routes["menu"]:
                raise OldCard
            return self.routes["menu"][payload.press.menu_choice]
        if name not in routes:
            raise UnknownInteraction(payload.kind)
        return routes[name]

    def _find_word(self, name: str, command: TypedCommand) -> Route | None:
        routes = self.routes["command"]
        first = routes.get(f"{name} {command.word}")
        if first is not None and not first.alone:
            return first
        qualifier = routes[name].qualifier if name in routes else None
        typed = command.text.split()
        qualifying = [word for word in typed if qualifier is not None and qualifier(word)]
        words = [word for word in typed if word not in qualifying]
        if len(words) != 1 or len(qualifying) > 1:
            return None
        only = routes.get(f"{name} {words[0].casefold()}")
        return only if only is not None and only.alone else None


NAME_OF: dict[str, Callable[[dict[str, Any]], str]] = {
    "command": lambda body: str(body["command"]),
    "action": lambda body: str(body["actions"][0]["action_id"]),
    "view": lambda body: str(body["view"]["callback_id"]),
    "event": lambda body: str(body["event"]["type"]),
    "shortcut": lambda body: str(body["callback_id"]),
    "options": lambda body: str(body["action_id"]),
}


@dataclass(frozen=True, slots=True)
class Payload:
    """What Slack sent, read into what a listener names."""

    kind: str
    body: dict[str, Any]
    client: AsyncWebClient
    desk: Desk
    router: Router

    @property
    def name(self) -> str:
        return NAME_OF[self.kind](self.body)

    def value(self, parameter: str) -> Any:  # noqa: ANN401 - as the listener declares it
        return getattr(self, parameter)

    @property
    def press(self) -> Press:
        return Press.from_body(self.body)

    @property
    def is_on_colleagues_card(self) -> bool:
        """Whether somebody of the desk pressed a card in a channel: they see there that the ticket exists."""
        container = self.body.get("container", {})
        if self.kind != "action" or "message_ts" not in container or container.get("is_ephemeral"):
            return False
        return bool(teams_worked_in(self.desk.policy, self.press.user))

    @property
    def form(self) -> Submission:
        return Submission.from_body(self.body)

    @property
    def command(self) -> TypedCommand:
        return TypedCommand.from_body(self.body)

    @property
    def message(self) -> SlackMessage:
        return SlackMessage.from_event(self.body) if self.kind == "event" else SlackMessage.from_shortcut(self.body)

    @property
    def number(self) -> int:
        """The ticket that the button or the form is about; OldCard when it does not say."""
        return self.form.ticket if self.kind == "view" else self.press.ticket

    @property
    def home(self) -> HomeTab:
        if self.router.publish_home is None:
            raise ValueError("No capability draws Home.")
        return HomeTab(self.client, self.desk, self.press, self.router.publish_home)

    @property
    def own_workspace(self) -> OwnWorkspace:
        return self.router.own_workspace

    @property
    def words(self) -> dict[str, Route]:
        return self.router.words_of(self.name)


async def _show(ack: AsyncAck, payload: Payload, answer: Answer) -> None:
    kind = payload.kind
    if kind == "command" and isinstance(answer, Message):
        await ack(text=answer.text, blocks=answer.blocks)
    elif kind == "view" and isinstance(answer, dict):
        await ack(response_action="update", view=answer)
    elif kind in ("action", "command", "shortcut") and isinstance(answer, dict):
        body = payload.body
        await open_modal(payload.client, trigger_id_of(body), answer, opened_in=body.get("view") or {})
        await ack()
    elif answer is None:
        await ack()
    else:
        raise TypeError(f"A listener for {kind} returned {type(answer).__name__}.")


def _is_retry(request: AsyncBoltRequest) -> bool:
    """Whether Slack sends this event once more; the first time it is attempt 0, or says nothing of attempts."""
    return any(int(attempt) for attempt in request.headers.get("x-slack-retry-num", ()) if attempt.isdigit())
