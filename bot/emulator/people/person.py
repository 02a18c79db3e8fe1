"""Everything that a person does in the workspace; a call returns when the app has answered."""

from collections.abc import Mapping
from typing import Any, Unpack

from bot.emulator.errors import SlackError
from bot.emulator.events import payloads
from bot.emulator.methods.response_urls import post_command_answer
from bot.emulator.people import submission, typed_text
from bot.emulator.people.forms import Choice, FormFiller, required_element
from bot.emulator.people.participant import Outcome, Participant
from bot.emulator.session import AppSession
from bot.emulator.state import blocks, files, images, messages, views
from bot.emulator.state.workspace import Change, Channel, User
from bot.emulator.types import Json


class Person(Participant):
    """Channels are named by their ids, messages and threads by their ts, elements of blocks by their action_id."""

    def __init__(self, session: AppSession, user: User) -> None:
        super().__init__(session, user)
        self._filler = FormFiller(session)

    def visible_messages(self, channel_id: str) -> list[Json]:
        """Oldest first, with her ephemerals, without the replies in threads."""
        return messages.visible_messages(self._visible_channel(channel_id), self.id)

    def thread(self, channel_id: str, ts: str) -> list[Json]:
        return messages.visible_thread(self._visible_channel(channel_id), ts, self.id)

    def message(self, channel_id: str, ts: str) -> Json:
        """May be an ephemeral of hers."""
        return self._visible_message(self._visible_channel(channel_id), ts)

    def dm_channel(self, user: str) -> str:
        """The id of her DM with this person or the app."""
        self.workspace.user(user)
        return self.workspace.direct_channel(self.id, user).id

    async def say(self, channel_id: str, text: str, thread: str | None = None) -> Json:
        return self.post_typed(channel_id, text, thread)

    def post_typed(self, channel_id: str, text: str, thread: str | None = None, **fields: Any) -> Json:
        channel = self._writable_channel(channel_id)
        if not text.strip() and "files" not in fields:
            raise SlackError("no_text")
        stored, rich_text = typed_text.stored_text(self.workspace, text)
        client_msg_id = self.workspace.new_id("M").lower()
        message: Json = {"user": self.id, "text": stored, "client_msg_id": client_msg_id, **fields}
        if text.strip():
            message["blocks"] = blocks.stored_blocks(rich_text)
        return messages.post_message(self.workspace, channel, message | ({"thread_ts": thread} if thread else {}))

    async def edit(self, channel_id: str, ts: str, text: str) -> Json:
        channel = self._channel_of_own_message(channel_id, ts)
        stored, rich_text = typed_text.stored_text(self.workspace, text)
        edited = {"user": self.id, "ts": self.workspace.new_ts()}
        fields = {"text": stored, "blocks": blocks.stored_blocks(rich_text), "edited": edited}
        return messages.change_message(self.workspace, channel, ts, fields)

    async def delete(self, channel_id: str, ts: str) -> None:
        messages.delete_message(self.workspace, self._channel_of_own_message(channel_id, ts), ts)

    async def toggle_reaction(self, channel_id: str, ts: str, name: str) -> None:
        channel = self._visible_channel(channel_id)
        groups = self._visible_message(channel, ts).get("reactions", [])
        has_reacted = any(group["name"] == name and self.id in group["users"] for group in groups)
        toggle = messages.remove_reaction if has_reacted else messages.add_reaction
        toggle(self.workspace, channel, ts, self.id, name)

    async def upload(self, channel_id: str, name: str, content: bytes, text: str = "", thread: str = "") -> Json:
        self._writable_channel(channel_id)
        stored = files.get_file(self.workspace, self.store_file(name, content)["id"])
        shared = [files.share_file(self.workspace, stored, channel_id)]
        return self.post_typed(channel_id, text, thread, files=shared, subtype="file_share", upload=True)

    def store_file(self, name: str, content: bytes) -> Json:
        """The file is shared nowhere yet: a form's file_input holds it."""
        stored = files.create_file(self.workspace, name, len(content), self.id)
        files.store_content(self.workspace, stored.info["id"], content)
        stored.complete = True
        return dict(stored.info)

    def open_file(self, file_id: str) -> bytes:
        return images.open_file(self.workspace, self.id, file_id)

    async def join(self, channel_id: str) -> None:
        messages.join_channel(self.workspace, self._visible_channel(channel_id), self.id)

    def mark_read(self, channel_id: str) -> None:
        channel = self._visible_channel(channel_id)
        channel.last_read[self.id] = channel.roots[-1] if channel.roots else ""
        self.workspace.publish(Change("channel", channel))

    async def command(self, channel_id: str, name: str, text: str = "") -> Outcome:
        channel = self._visible_channel(channel_id)
        commands = {row["command"]: row for row in self.workspace.app.commands()}
        if commands and name not in commands:
            return Outcome(False, error="unknown_command")
        should_escape = bool(commands.get(name, {}).get("should_escape"))
        sent_text = typed_text.command_text(self.workspace, text, should_escape)
        payload = payloads.command_payload(self.workspace, self.user, channel, name, sent_text)
        since = self.ephemeral_count()
        answer = await self.session.delivery.send_interaction("slash_commands", payload)
        if answer.error is None and isinstance(answer.body, dict):
            try:
                post_command_answer(self.workspace, self.id, channel, answer.body)
            except SlackError as refusal:
                self.session.record_refusal("slash_commands", refusal)
        return self.outcome(answer, since)

    async def shortcut(self, callback_id: str) -> Outcome:
        self._check_shortcut(callback_id, "global")
        payload = payloads.global_shortcut_payload(self.workspace, self.user, callback_id)
        return await self.interact("interactive", payload)

    async def message_shortcut(self, callback_id: str, channel_id: str, ts: str) -> Outcome:
        self._check_shortcut(callback_id, "message")
        channel = self._visible_channel(channel_id)
        message = self._visible_message(channel, ts)
        payload = payloads.message_shortcut_payload(self.workspace, self.user, callback_id, channel, message)
        return await self.interact("interactive", payload)

    async def press(self, channel_id: str, ts: str, action_id: str, **choice: Unpack[Choice]) -> Outcome:
        """Presses a button of a message, or chooses an option of a select or an overflow there."""
        channel = self._visible_channel(channel_id)
        message = self._visible_message(channel, ts)
        action, state = self._filler.action_and_state(message.get("blocks", []), action_id, choice)
        payload = payloads.message_action_payload(self.workspace, self.user, channel, message, state)
        return await self.interact("interactive", payload | {"actions": [action]})

    async def press_view(self, action_id: str, *, home: bool = False, **choice: Unpack[Choice]) -> Outcome:
        """In her top open modal, or in her Home."""
        return await self.press_in_view(self._top_view(home=home), action_id, **choice)

    async def press_in_view(self, view: Json, action_id: str, **choice: Unpack[Choice]) -> Outcome:
        """A choice in an input without dispatch_action stays in the form: the app gets it with the submission."""
        choice["state"] = choice.get("state") or view["state"]["values"]
        action, state = self._filler.action_and_state(view["blocks"], action_id, choice)
        views.store_form_state(self.workspace, self.id, view["id"], state)
        if not blocks.is_dispatched(view["blocks"], action):
            return Outcome(True, view=self.view)
        payload = payloads.view_action_payload(self.workspace, self.user, view)
        return await self.interact("interactive", payload | {"actions": [action]})

    async def options(self, action_id: str, value: str = "", *, home: bool = False) -> list[Json]:
        """The app's suggestions for these letters in an external select of her top open modal, without their groups."""
        view = self._top_view(home=home)
        answer = await self.suggestions(view["blocks"], action_id, value, payloads.view_container(view))
        return blocks.all_options(answer)

    async def suggestions(
        self, in_blocks: list[Json], action_id: str, value: str, container: Json, block_id: str | None = None
    ) -> Json:
        """{options} or {option_groups} as the app answered."""
        block, element = required_element(in_blocks, action_id, block_id)
        about = {"block_id": block["block_id"], "action_id": element["action_id"], "value": value}
        payload = payloads.suggestion_payload(self.workspace, self.user, container, about)
        answer = await self.session.delivery.send_interaction("interactive", payload)
        if answer.error:
            raise SlackError(answer.error)
        return self._filler.accept_suggestions(element, answer.body)

    async def submit(self, values: Mapping[str, object] | None = None) -> Outcome:
        """Fills in her top open modal, values by action_id, and submits it."""
        view = self._top_view()
        return await submission.submit_form(self, view["id"], self._filler.filled_state(view, values or {}))

    async def close(self, *, everything: bool = False) -> Outcome:
        """Closes her top open modal; everything: the whole stack, as the x in the corner does."""
        return await submission.close_form(self, self._top_view()["id"], everything=everything)

    async def open_home(self) -> Json | None:
        """Her Home as it is now; the app gets app_home_opened and may publish a newer one."""
        self._publish_tab_opened("home", {} if self.home is None else {"view": self.home})
        return self.home

    async def open_messages(self) -> str:
        """The id of her DM with the app, which gets app_home_opened for its Messages tab."""
        return self._publish_tab_opened("messages", {})

    def _publish_tab_opened(self, tab: str, fields: Json) -> str:
        channel_id = self.dm_channel(self.workspace.app.bot_user)
        event = {"user": self.id, "channel": channel_id, "tab": tab, **fields}
        self.workspace.publish(Change("app_home_opened", user=self.id, data=event))
        return channel_id

    def _top_view(self, *, home: bool = False) -> Json:
        view = self.home if home else self.view
        if view is None:
            raise SlackError("not_found")
        return view

    def _visible_channel(self, channel_id: str) -> Channel:
        return self.workspace.visible_channel(channel_id, self.id)

    def _writable_channel(self, channel_id: str) -> Channel:
        channel = self._visible_channel(channel_id)
        app = self.workspace.app
        if channel.is_archived:
            raise SlackError("is_archived")
        if self.id not in channel.members:
            raise SlackError("not_in_channel")
        if channel.is_im and app.bot_user in channel.members and not app.accepts_messages():
            raise SlackError("messages_tab_disabled")
        return channel

    def _visible_message(self, channel: Channel, ts: str) -> Json:
        return channel.ephemerals.get(self.id, {}).get(ts) or messages.get_message(channel, ts)

    def _channel_of_own_message(self, channel_id: str, ts: str) -> Channel:
        channel = self._visible_channel(channel_id)
        if self._visible_message(channel, ts).get("user") != self.id:
            raise SlackError("cant_update_message")
        return channel

    def _check_shortcut(self, callback_id: str, kind: str) -> None:
        shortcuts = self.workspace.app.shortcuts()
        if shortcuts and not any(row["callback_id"] == callback_id and row["type"] == kind for row in shortcuts):
            raise SlackError("unknown_shortcut")
