"""Filing: by text, by form, from a message, from a thread."""

from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.intake import cards, suggestions
from handlers.intake.confirmation import told
from handlers.intake.origins import Origin, place_of
from handlers.slack import ephemeral
from handlers.slack.blocks import Message as Said
from handlers.slack.blocks import clip
from handlers.slack.ids import Button, Command, Form, Happening, Shortcut
from handlers.slack.payloads import Message, Press, Submission, Typed, ourselves, person_of, trigger_of
from handlers.slack.router import Router
from handlers.slack.text import mentioned, unescape
from handlers.tickets.lists import listed, shown
from rules.errors import DeskError, FieldError
from rules.intake import commands
from rules.intake.commands import Filing, Listing, OpenForm, Show
from rules.intake.requests import TITLE_LIMIT, Request
from rules.model.tickets import Priority, ReplyBy
from services import intake
from services.desk import Desk
from services.intake import Earlier
from storage.tickets import tickets
from storage.transaction import Reader

W = TypeVar("W", bound=StrEnum)


def register(on: Router) -> None:
    on.command(Command.TICKET)(typed)
    on.action(Button.FILE_ANYWAY)(file_anyway)
    on.action(Button.NEW)(ask)
    on.shortcut(Shortcut.NEW)(ask_anywhere)
    on.shortcut(Shortcut.FROM_MESSAGE)(ask_about_message)
    on.view(Form.FILE)(file)
    on.event(Happening.MENTION)(file_mentioned)


class Unreadable(DeskError):
    """Slack does not let us read the thread; its own word says why."""

    def __init__(self, word: str) -> None:
        super().__init__(
            f"I cannot read this thread (`{word}`). Invite me with `/invite @Baton` and mention me again, "
            "or type `/ticket` in a channel."
        )


async def typed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    said = Typed.read(body)
    asked = commands.parse(unescape(said.text), desk.policy, mentioned(said.text))
    if isinstance(asked, OpenForm):
        view = await suggestions.new_form(desk, said.by, cards.Started(), Origin(said.channel).kept())
        await client.views_open(trigger_id=said.trigger_id, view=view)
        await ack()
        return
    answer = await _answer(desk, said, asked)
    await ack(text=answer.text, blocks=answer.blocks)


async def file_anyway(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    answer = await _file_text(desk, press.value, by=press.by, key=press.key, channel=press.channel)
    if not await ephemeral.in_place(client, press.response_url, answer):
        await ephemeral.in_channel(client, press.channel, press.by, answer)
    await ack()


async def ask(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    view = await suggestions.new_form(desk, press.by, cards.Started(), Origin(press.channel).kept())
    opener = client.views_push if press.view.get("type") == "modal" else client.views_open
    await opener(trigger_id=press.trigger_id, view=view)
    await ack()


async def ask_anywhere(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    view = await suggestions.new_form(desk, person_of(body), cards.Started(), Origin().kept())
    await client.views_open(trigger_id=trigger_of(body), view=view)
    await ack()


async def ask_about_message(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The form filled from the message, or the ticket that it is already."""
    message = Message.of_shortcut(body)
    origin = Origin.of(message)
    number = await desk.read(_filed_from, origin.source or "")
    if number:
        view = cards.told_page(cards.already(number, Earlier.MESSAGE))
    else:
        started = cards.Started(_title_of(message) or _file_of(message), message.text)
        view = await suggestions.new_form(desk, message.by, started, origin.kept())
    await client.views_open(trigger_id=message.trigger_id, view=view)
    await ack()


async def file(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Submission.read(body)
    origin = Origin.read(sent.about)
    request = replace(_filled(sent), filed_in=origin.channel or None)
    if origin.ts:
        request = await _from_message(client, request, origin)
    done = await desk.execute_once(
        sent.key, intake.file, request, by_dm=request.channel is None and not _whispered(origin)
    )
    answer = told(desk.policy, request, done)
    if done["earlier"] != Earlier.NO:
        await ack(response_action="update", view=cards.told_page(answer))
        return
    await ack()
    if _whispered(origin) and not await ephemeral.in_channel(client, origin.channel, sent.by, answer):
        await desk.execute(intake.confirm, done["number"], to=sent.by)


async def file_mentioned(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """In a thread, the thread; outside of one, the message itself; a name alone outside of one is asked back."""
    mention = Message.of_event(body)
    said = mention.text.replace(f"@{ourselves(body)}", "").strip()
    in_thread = mention.thread_ts not in (None, mention.ts)
    if mention.from_bot:
        await ack()
    elif in_thread or said or mention.files:
        await _file_mentioned(client, desk, mention, commands.filing(said, desk.policy), in_thread=in_thread)
        await ack()
    else:
        await ephemeral.in_channel(client, mention.channel, mention.by, cards.mention_help())
        await ack()


async def _answer(desk: Desk, said: Typed, asked: commands.Asked) -> Said:
    if isinstance(asked, Show):
        return await shown(desk, asked.number, by=said.by)
    if isinstance(asked, Listing):
        return await listed(desk, asked, by=said.by)
    if isinstance(asked, Filing):
        return await _file_typed(desk, asked, said.text, by=said.by, key=said.key, channel=said.channel)
    if isinstance(asked, commands.Unclear):
        return cards.unclear(asked, said.text)
    return cards.usage(desk.policy)


async def _file_text(desk: Desk, escaped: str, *, by: str, key: str, channel: str) -> Said:
    """Files the text as Slack escaped it, whatever it begins with."""
    filing = commands.filing(unescape(escaped), desk.policy, mentioned(escaped))
    return await _file_typed(desk, filing, escaped, by=by, key=key, channel=channel)


async def _file_typed(desk: Desk, filing: Filing, escaped: str, *, by: str, key: str, channel: str) -> Said:
    request = Request(
        title=filing.title,
        description=filing.description,
        requester=by,
        registered_by=by,
        type=filing.type or commands.default_type(desk.policy),
        priority=filing.priority,
        assignee=filing.assignee,
        filed_in=channel or None,
    )
    return told(desk.policy, request, await desk.execute_once(key, intake.file, request, typed=unescape(escaped)))


def _filed_from(reader: Reader, source: str) -> int:
    """The ticket that was filed from that message; 0 when none was."""
    ticket = tickets.by_source(reader, source)
    return ticket.number if ticket else 0


def _whispered(origin: Origin) -> bool:
    """Whether the answer belongs to one person in a channel: no message was pointed at."""
    return bool(origin.channel and not origin.ts)


def _filled(sent: Submission) -> Request:
    return Request(
        title=sent.says("title"),
        description=sent.says("description"),
        requester=sent.by,
        registered_by=sent.by,
        type=sent.says("type"),
        priority=_one_of(Priority, sent, "priority"),
        reply_by=_one_of(ReplyBy, sent, "reply_by"),
        customer=sent.says("customer").strip() or None,
        assignee=sent.says("assignee") or None,
        tried=sent.says("tried"),
    )


def _one_of(words: type[W], sent: Submission, field: str) -> W:
    try:
        return words(sent.says(field))
    except ValueError:
        raise FieldError(field, "Choose one of the list.") from None


async def _from_message(client: AsyncWebClient, request: Request, origin: Origin) -> Request:
    """The request with its author, link and files; the thread is kept only where we can answer in it."""
    place = await place_of(client, origin)
    links = ({**one, "url": one["url"] or place.permalink or ""} for one in origin.files)
    return replace(
        request,
        requester=origin.author or request.registered_by,
        source=origin.source,
        filed_in=origin.channel or None,
        permalink=place.permalink,
        files=[one for one in links if one["url"]],
        channel=origin.channel if place.ours else None,
        thread_ts=origin.thread if place.ours else None,
    )


async def _file_mentioned(
    client: AsyncWebClient, desk: Desk, mention: Message, words: Filing, *, in_thread: bool
) -> None:
    root = await _root(client, mention) if in_thread else replace(mention, text="", thread_ts=mention.ts)
    request = await _from_message(client, _mentioned(desk, root, words), Origin.of(root))
    done = await desk.execute_once(mention.key, intake.file_thread, request, by_dm=request.channel is None)
    if done["earlier"] != Earlier.NO:
        await ephemeral.in_channel(client, mention.channel, mention.by, told(desk.policy, request, done), root.ts)


async def _root(client: AsyncWebClient, mention: Message) -> Message:
    try:
        answer = await client.conversations_replies(channel=mention.channel, ts=mention.thread_ts or "", limit=1)
    except SlackApiError as error:
        raise Unreadable(str(error.response.get("error"))) from None
    found = answer["messages"]
    if not found:
        raise Unreadable("thread_not_found")
    return Message.root_of(mention, found[0])


def _mentioned(desk: Desk, root: Message, words: Filing) -> Request:
    """What the thread began with, then what was said when it was filed."""
    added = "\n".join(part for part in (words.title, words.description) if part)
    title = _title_of(root) or words.title or _file_of(root)
    return Request(
        title=title,
        description="\n\n".join(part for part in (root.text, added) if part) if root.text else words.description,
        requester=root.author,
        registered_by=root.by,
        type=words.type or commands.default_type(desk.policy),
        priority=words.priority,
    )


def _title_of(message: Message) -> str:
    """The first line that says something, as long as a title may be."""
    first = next((line for line in message.text.splitlines() if line.strip()), "")
    return clip(" ".join(first.split()), TITLE_LIMIT)


def _file_of(message: Message) -> str:
    """The name of its first file, where nothing else is said."""
    return clip(next((one["name"] for one in message.files), ""), TITLE_LIMIT)
