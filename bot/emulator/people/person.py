"""What a person does in the workspace; the app answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import Refused
from bot.emulator.events import envelopes
from bot.emulator.events.response_urls import answer_command
from bot.emulator.people import typed_text
from bot.emulator.people.form_filling import Filling
from bot.emulator.state import blocks, files, images, messages, views
from bot.emulator.state.workspace import Change, Channel, Json, User, Workspace

if TYPE_CHECKING:
    from bot.emulator.events.delivery import Answer
    from bot.emulator.server import Emulator


@dataclass
class Outcome:
    """What the person sees once the app has answered."""

    ok: bool
    status: int = 200
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    ephemerals: list[Json] = field(default_factory=list)
    view: Json | None = None


class Person:
    def __init__(self, emulator: "Emulator", user: User) -> None:
        self.id = user.id
        self.user = user
        self._emulator = emulator
        self._workspace: Workspace = emulator.workspace
        self._whispers: list[Json] = []
        self._filling = Filling(self._workspace, user)

    @property
    def view(self) -> Json | None:
        """Her top open modal, None when all are closed."""
        stack = self._workspace.modals.get(self.id)
        return stack[-1] if stack else None

    @property
    def views(self) -> list[Json]:
        return list(self._workspace.modals.get(self.id, []))

    @property
    def home(self) -> Json | None:
        return self._workspace.homes.get(self.id)

    def sees(self, channel: str) -> list[Json]:
        return messages.seen(self._visible(channel), self.id)

    def thread(self, channel: str, ts: str) -> list[Json]:
        return messages.seen_thread(self._visible(channel), ts, self.id)

    def direct(self, user: str) -> str:
        """The channel of her DM with this person or the app."""
        self._workspace.user(user)
        return self._workspace.conversation(self.id, user).id

    async def says(self, channel: str, text: str, thread: str | None = None) -> Json:
        return self.speak(channel, text, thread)

    def speak(self, channel: str, text: str, thread: str | None = None, **more: Any) -> Json:
        """Posts what she typed, without waiting for what the app makes of it."""
        where = self._writable(channel)
        if not text.strip() and "files" not in more:
            raise Refused("no_text")
        stored, rich = typed_text.typed(self._workspace, text)
        message: Json = {"user": self.id, "text": stored, "client_msg_id": self._workspace.new_id("M").lower(), **more}
        if text.strip():
            message["blocks"] = blocks.kept(rich)
        return messages.post(self._workspace, where, message | ({"thread_ts": thread} if thread else {}))

    async def edits(self, channel: str, ts: str, text: str) -> Json:
        where = self._own(channel, ts)
        stored, rich = typed_text.typed(self._workspace, text)
        edited = {"user": self.id, "ts": self._workspace.new_ts()}
        fields = {"text": stored, "blocks": blocks.kept(rich), "edited": edited}
        return messages.change(self._workspace, where, ts, fields)

    async def deletes(self, channel: str, ts: str) -> None:
        messages.delete(self._workspace, self._own(channel, ts), ts)

    async def reacts(self, channel: str, ts: str, name: str) -> None:
        """Adds her reaction, or takes it back if it is already there."""
        where = self._visible(channel)
        groups = self._message(where, ts).get("reactions", [])
        mine = any(group["name"] == name and self.id in group["users"] for group in groups)
        (messages.unreact if mine else messages.react)(self._workspace, where, ts, self.id, name)

    async def uploads(self, channel: str, name: str, content: bytes, text: str = "", thread: str | None = None) -> Json:
        self._writable(channel)
        kept = files.get(self._workspace, self.keeps(name, content)["id"])
        shared = [files.shared(self._workspace, kept, channel)]
        return self.speak(channel, text, thread, files=shared, subtype="file_share", upload=True)

    def keeps(self, name: str, content: bytes) -> Json:
        """A file of hers that is in no conversation yet, as a form's file_input holds it."""
        stored = files.start(self._workspace, name, len(content), self.id)
        files.fill(self._workspace, stored.info["id"], content)
        stored.complete = True
        return dict(stored.info)

    def opens(self, file_id: str) -> bytes:
        """A file that was shared with her, or stands as a picture in what she sees."""
        return images.opened(self._workspace, self.id, file_id)

    async def joins(self, channel: str) -> None:
        messages.join(self._workspace, self._visible(channel), self.id)

    def reads(self, channel: str) -> None:
        where = self._visible(channel)
        where.read[self.id] = where.roots[-1] if where.roots else ""
        self._workspace.publish(Change("channel", where))

    async def command(self, channel: str, name: str, text: str = "") -> Outcome:
        where = self._visible(channel)
        known = {row["command"]: row for row in self._workspace.app.commands()}
        if known and name not in known:
            return Outcome(False, error="unknown_command")
        words = typed_text.command_text(self._workspace, text, bool(known.get(name, {}).get("should_escape")))
        payload = envelopes.command(self._workspace, self.user, where, name, words)
        return await self._interact("slash_commands", payload, where)

    async def shortcut(self, callback_id: str) -> Outcome:
        self._check_shortcut(callback_id, "global")
        payload = envelopes.global_shortcut(self._workspace, self.user, callback_id)
        return await self._interact("interactive", payload)

    async def message_shortcut(self, callback_id: str, channel: str, ts: str) -> Outcome:
        self._check_shortcut(callback_id, "message")
        where = self._visible(channel)
        message = self._message(where, ts)
        payload = envelopes.message_shortcut(self._workspace, self.user, callback_id, where, message)
        return await self._interact("interactive", payload)

    async def press(
        self,
        channel: str,
        ts: str,
        action_id: str,
        *,
        choose: object = None,
        block_id: str | None = None,
        state: blocks.Values | None = None,
    ) -> Outcome:
        """Presses a button, or chooses in a select or an overflow, of a message or of an ephemeral of hers."""
        where = self._visible(channel)
        message = self._message(where, ts)
        drawn = message.get("blocks", [])
        action, values = self._filling.action(drawn, action_id, block_id, choose, state)
        payload = envelopes.message_press(self._workspace, self.user, where, message, values)
        return await self._interact("interactive", payload | {"actions": [action]}, where)

    async def press_view(
        self,
        action_id: str,
        *,
        choose: object = None,
        home: bool = False,
        block_id: str | None = None,
        state: blocks.Values | None = None,
    ) -> Outcome:
        """The same in her top open modal, or in her Home; an input that does not dispatch only keeps what she chose."""
        view = self.home if home else self.view
        if view is None:
            raise Refused("not_found")
        return await self.press_in(view, action_id, choose=choose, block_id=block_id, state=state)

    async def press_in(
        self, view: Json, action_id: str, *, choose: object, block_id: str | None, state: blocks.Values | None
    ) -> Outcome:
        action, values = self._filling.action(
            view["blocks"], action_id, block_id, choose, state or view["state"]["values"]
        )
        views.keep_state(self._workspace, self.id, view["id"], values)
        if not blocks.dispatches(view["blocks"], action):
            return Outcome(True, view=self.view)
        payload = envelopes.view_press(self._workspace, self.user, view)
        return await self._interact("interactive", payload | {"actions": [action]})

    async def options(self, action_id: str, value: str = "", *, home: bool = False) -> list[Json]:
        """What an external select of her top open modal offers for these letters; groups come flattened."""
        view = self.home if home else self.view
        if view is None:
            raise Refused("not_found")
        answer = await self.suggest(view["blocks"], action_id, value, envelopes.in_view(view))
        return blocks.options_of(answer)

    async def suggest(
        self, drawn: list[Json], action_id: str, value: str, container: Json, block_id: str | None = None
    ) -> Json:
        """{options} or {option_groups} as the app answered; anything else counts as a refusal and offers nothing."""
        block, element = self._filling.find(drawn, action_id, block_id)
        block_id = block["block_id"]
        payload = envelopes.suggestion(self._workspace, self.user, block_id, element["action_id"], value) | container
        answer = await self._emulator.delivery.interact("interactive", payload)
        if answer.error:
            raise Refused(answer.error)
        return self._filling.offered(self._emulator, block_id, element, answer.body)

    async def submit(self, values: Mapping[str, object] | None = None) -> Outcome:
        """Fills her top open modal, values by action_id, and sends it."""
        if self.view is None:
            raise Refused("not_found")
        return await self.submit_state(self.view["id"], self._filling.state(self.view, values or {}))

    async def submit_state(self, view_id: str, state: blocks.Values) -> Outcome:
        return await self._emulator.submitting.submit(self, view_id, state)

    async def close(self, *, everything: bool = False) -> Outcome:
        """Closes her top open modal; everything: the x in the corner, which closes the whole stack."""
        if self.view is None:
            raise Refused("not_found")
        return await self.close_view(self.view["id"], everything=everything)

    async def close_view(self, view_id: str, *, everything: bool = False) -> Outcome:
        return await self._emulator.submitting.close(self, view_id, everything=everything)

    async def open_home(self) -> Json | None:
        """Her Home as it is now; the app hears that she looks and may publish a newer one."""
        self._opened("home", {} if self.home is None else {"view": self.home})
        return self.home

    async def open_messages(self) -> str:
        """The channel of her DM with the app, which hears that she looks at its Messages tab."""
        return self._opened("messages", {})

    def _opened(self, tab: str, more: Json) -> str:
        channel = self.direct(self._workspace.app.bot_user)
        event = {"user": self.id, "channel": channel, "tab": tab, **more}
        self._workspace.publish(Change("app_home_opened", user=self.id, data=event))
        return channel

    def whispered(self, message: Json) -> None:
        self._whispers.append(message)

    def whispers(self) -> int:
        """How many ephemerals were made for her so far."""
        return len(self._whispers)

    async def _interact(self, kind: str, payload: Json, where: Channel | None = None) -> Outcome:
        already = len(self._whispers)
        answer = await self._emulator.delivery.interact(kind, payload)
        if kind == "slash_commands" and where is not None and answer.error is None and isinstance(answer.body, dict):
            self._hear(where, answer)
        return self.outcome(answer, already)

    def _hear(self, where: Channel, answer: "Answer") -> None:
        try:
            answer_command(self._workspace, self.id, where, answer.body)
        except Refused as refusal:
            self._emulator.refuse("slash_commands", refusal)

    def outcome(self, answer: "Answer", already: int) -> Outcome:
        made = self._whispers[already:]
        return Outcome(answer.error is None, answer.status, answer.error, ephemerals=made, view=self.view)

    def _visible(self, channel: str) -> Channel:
        where = self._workspace.channel(channel)
        if where.kind() != "channel" and self.id not in where.members:
            raise Refused("channel_not_found")
        return where

    def _writable(self, channel: str) -> Channel:
        where = self._visible(channel)
        app = self._workspace.app
        if where.is_archived:
            raise Refused("is_archived")
        if self.id not in where.members:
            raise Refused("not_in_channel")
        if where.is_im and app.bot_user in where.members and not app.may_be_written_to():
            raise Refused("messages_tab_disabled")
        return where

    def _message(self, where: Channel, ts: str) -> Json:
        message = where.messages.get(ts) or where.ephemerals.get(self.id, {}).get(ts)
        if message is None:
            raise Refused("message_not_found")
        return message

    def message(self, channel: str, ts: str) -> Json:
        """One message she can see, an ephemeral of hers included."""
        return self._message(self._visible(channel), ts)

    def _own(self, channel: str, ts: str) -> Channel:
        where = self._visible(channel)
        if self._message(where, ts).get("user") != self.id:
            raise Refused("cant_update_message")
        return where

    def _check_shortcut(self, callback_id: str, kind: str) -> None:
        known = self._workspace.app.shortcuts()
        if known and not any(row["callback_id"] == callback_id and row["type"] == kind for row in known):
            raise Refused("unknown_shortcut")
