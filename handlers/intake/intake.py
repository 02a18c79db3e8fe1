"""Filing a ticket: by text, by form, from a message, from a thread."""

from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.intake import cards, suggestions
from handlers.intake.confirmation import confirmation_message
from handlers.intake.origins import Origin, look_up_message
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, clip
from handlers.slack.ids import Button, Command, Form, Shortcut, SlackEvent
from handlers.slack.payloads import Press, SlackMessage, Submission, TypedCommand, bot_user_id, trigger_id_of, user_of
from handlers.slack.router import Router, WordHelp
from handlers.slack.text import mentioned_users, unescape_text
from handlers.tickets.lists import answer_list, answer_ticket
from rules.errors import FieldError, Refused
from rules.intake import commands
from rules.intake.commands import PLAIN_VIEWS, FileTicket, OpenForm, ShowTicket, TicketListing
from rules.intake.requests import MAX_TITLE_LENGTH, TicketRequest
from rules.model.tickets import Priority, ReplyBy
from rules.people.permissions import Permission
from services import intake
from services.desk import Desk
from services.intake import Duplicate
from storage.tickets import tickets
from storage.transaction import Reader

Choice = TypeVar("Choice", bound=StrEnum)


def register(on: Router) -> None:
    on.command(Command.TICKET, Permission.FILE_TICKET)(answer_ticket_command)
    on.word(
        Command.TICKET,
        "list",
        permission=Permission.LIST_TICKETS,
        help=WordHelp(
            ("/ticket list", *(f"/ticket list {view}" for view in PLAIN_VIEWS[1:]), "/ticket list team network"),
            "your tickets; those without an assignee; past a due time; soon due; all that you may see; a team's",
        ),
    )(answer_ticket_command)
    on.word(Command.TICKET, "help", permission=Permission.FILE_TICKET, alone=True)(answer_ticket_command)
    on.action(Button.FILE_ANYWAY, Permission.FILE_TICKET)(file_typed_text)
    on.action(Button.NEW_TICKET, Permission.FILE_TICKET)(open_new_ticket_form)
    on.shortcut(Shortcut.NEW_TICKET, Permission.FILE_TICKET)(open_form_from_shortcut)
    on.shortcut(Shortcut.FROM_MESSAGE, Permission.FILE_TICKET)(open_form_from_message)
    on.view(Form.FILE, Permission.FILE_TICKET)(file_ticket)
    on.event(SlackEvent.MENTION, Permission.FILE_TICKET)(file_mention)


class UnreadableThread(Refused):
    """Slack does not let Baton read the thread."""

    def __init__(self, word: str) -> None:
        super().__init__(
            f"I cannot read this thread (`{word}`). Invite me with `/invite @Baton` and mention me again, "
            "or type `/ticket` in a channel."
        )


async def answer_ticket_command(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Message | None:
    asked = commands.parse_ticket_command(unescape_text(command.text), desk.policy, mentioned_users(command.text))
    if isinstance(asked, OpenForm):
        view = await suggestions.build_new_ticket_form(
            desk, command.user, cards.Prefill(), Origin(command.channel).to_metadata()
        )
        await client.views_open(trigger_id=command.trigger_id, view=view)
        return None
    return await _answer_command(desk, command, asked)


async def file_typed_text(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    answer = await _file_text(desk, press.value, by=press.user, key=press.key, channel=press.channel)
    if not await ephemeral.replace_pressed_message(client, press.response_url, answer):
        await ephemeral.post_in_channel(client, press.channel, press.user, answer)


async def open_new_ticket_form(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    view = await suggestions.build_new_ticket_form(
        desk, press.user, cards.Prefill(), Origin(press.channel).to_metadata()
    )
    opener = client.views_push if press.view.get("type") == "modal" else client.views_open
    await opener(trigger_id=press.trigger_id, view=view)


async def open_form_from_shortcut(body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    view = await suggestions.build_new_ticket_form(desk, user_of(body), cards.Prefill(), Origin().to_metadata())
    await client.views_open(trigger_id=trigger_id_of(body), view=view)


async def open_form_from_message(message: SlackMessage, client: AsyncWebClient, desk: Desk) -> None:
    """The form filled from the message, or the ticket that it is already."""
    origin = Origin.from_message(message)
    number = await desk.read(_ticket_filed_from, origin.source or "")
    if number:
        view = cards.answer_page(cards.already_filed(number, Duplicate.MESSAGE))
    else:
        started = cards.Prefill(_first_line(message) or _first_file_name(message), message.text)
        view = await suggestions.build_new_ticket_form(desk, message.user, started, origin.to_metadata())
    await client.views_open(trigger_id=message.trigger_id, view=view)


async def file_ticket(form: Submission, client: AsyncWebClient, desk: Desk) -> dict[str, Any] | None:
    origin = Origin.from_metadata(form.metadata)
    request = replace(_request_from_form(form), origin_channel=origin.channel or None)
    if origin.ts:
        request = await _with_message_details(client, request, origin)
    done = await desk.execute_once(
        form.key, intake.file_request, request, by_dm=request.channel is None and not _is_ephemeral(origin)
    )
    answer = confirmation_message(desk.policy, request, done)
    if done["earlier"] != Duplicate.NONE:
        return cards.answer_page(answer)
    if _is_ephemeral(origin) and not await ephemeral.post_in_channel(client, origin.channel, form.user, answer):
        await desk.execute(intake.send_confirmation, done["number"], to=form.user)
    return None


async def file_mention(message: SlackMessage, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """In a thread, the thread; outside of one, the message itself; a name alone outside of one is asked back."""
    said = message.text.replace(f"@{bot_user_id(body)}", "").strip()
    in_thread = message.thread_ts not in (None, message.ts)
    if message.from_bot:
        return
    if in_thread or said or message.files:
        await _file_thread(client, desk, message, commands.parse_ticket_text(said, desk.policy), in_thread=in_thread)
    else:
        await ephemeral.post_in_channel(client, message.channel, message.user, cards.mention_help())


async def _answer_command(desk: Desk, command: TypedCommand, parsed: commands.TicketCommand) -> Message:
    if isinstance(parsed, ShowTicket):
        return await answer_ticket(desk, parsed.number, by=command.user)
    if isinstance(parsed, TicketListing):
        return await answer_list(desk, parsed, by=command.user)
    if isinstance(parsed, FileTicket):
        return await _file_typed(desk, parsed, command.text, by=command.user, key=command.key, channel=command.channel)
    if isinstance(parsed, commands.UnclearCommand):
        return cards.unclear_command(parsed, command.text)
    return cards.ticket_help(desk.policy)


async def _file_text(desk: Desk, escaped: str, *, by: str, key: str, channel: str) -> Message:
    """Files the text as Slack escaped it, even where it begins like a command."""
    filing = commands.parse_ticket_text(unescape_text(escaped), desk.policy, mentioned_users(escaped))
    return await _file_typed(desk, filing, escaped, by=by, key=key, channel=channel)


async def _file_typed(desk: Desk, filing: FileTicket, escaped: str, *, by: str, key: str, channel: str) -> Message:
    request = TicketRequest(
        title=filing.title,
        description=filing.description,
        requester=by,
        registered_by=by,
        type=filing.type or commands.default_type_key(desk.policy),
        priority=filing.priority,
        assignee=filing.assignee,
        origin_channel=channel or None,
    )
    return confirmation_message(
        desk.policy, request, await desk.execute_once(key, intake.file_request, request, typed=unescape_text(escaped))
    )


def _ticket_filed_from(reader: Reader, source: str) -> int:
    """0 when no ticket was filed from that message."""
    ticket = tickets.ticket_from_source(reader, source)
    return ticket.number if ticket else 0


def _is_ephemeral(origin: Origin) -> bool:
    """Whether the answer goes to one person in a channel: the form did not start from a message."""
    return bool(origin.channel and not origin.ts)


def _request_from_form(form: Submission) -> TicketRequest:
    return TicketRequest(
        title=form.answer("title"),
        description=form.answer("description"),
        requester=form.user,
        registered_by=form.user,
        type=form.answer("type"),
        priority=_parse_choice(Priority, form, "priority"),
        reply_by=_parse_choice(ReplyBy, form, "reply_by"),
        customer=form.answer("customer").strip() or None,
        assignee=form.answer("assignee") or None,
        tried=form.answer("tried"),
    )


def _parse_choice(words: type[Choice], form: Submission, field: str) -> Choice:
    try:
        return words(form.answer(field))
    except ValueError:
        raise FieldError(field, "Choose one of the list.") from None


async def _with_message_details(client: AsyncWebClient, request: TicketRequest, origin: Origin) -> TicketRequest:
    """Adds the author, the link and the files; keeps the thread only where Baton can answer in it."""
    place = await look_up_message(client, origin)
    links = ({**one, "url": one["url"] or place.permalink or ""} for one in origin.files)
    return replace(
        request,
        requester=origin.author or request.registered_by,
        source=origin.source,
        origin_channel=origin.channel or None,
        permalink=place.permalink,
        files=[one for one in links if one["url"]],
        channel=origin.channel if place.is_member else None,
        thread_ts=origin.thread if place.is_member else None,
    )


async def _file_thread(
    client: AsyncWebClient, desk: Desk, mention: SlackMessage, words: FileTicket, *, in_thread: bool
) -> None:
    root = await _fetch_thread_root(client, mention) if in_thread else replace(mention, text="", thread_ts=mention.ts)
    request = await _with_message_details(client, _request_from_mention(desk, root, words), Origin.from_message(root))
    done = await desk.execute_once(mention.key, intake.file_thread, request, by_dm=request.channel is None)
    if done["earlier"] != Duplicate.NONE:
        await ephemeral.post_in_channel(
            client, mention.channel, mention.user, confirmation_message(desk.policy, request, done), root.ts
        )


async def _fetch_thread_root(client: AsyncWebClient, mention: SlackMessage) -> SlackMessage:
    try:
        answer = await client.conversations_replies(channel=mention.channel, ts=mention.thread_ts or "", limit=1)
    except SlackApiError as error:
        raise UnreadableThread(str(error.response.get("error"))) from None
    messages = answer["messages"]
    if not messages:
        raise UnreadableThread("thread_not_found")
    return SlackMessage.from_thread_root(mention, messages[0])


def _request_from_mention(desk: Desk, root: SlackMessage, words: FileTicket) -> TicketRequest:
    """The thread's first message, followed by the text of the mention."""
    added = "\n".join(part for part in (words.title, words.description) if part)
    title = _first_line(root) or words.title or _first_file_name(root)
    return TicketRequest(
        title=title,
        description="\n\n".join(part for part in (root.text, added) if part) if root.text else words.description,
        requester=root.author,
        registered_by=root.user,
        type=words.type or commands.default_type_key(desk.policy),
        priority=words.priority,
    )


def _first_line(message: SlackMessage) -> str:
    first = next((line for line in message.text.splitlines() if line.strip()), "")
    return clip(" ".join(first.split()), MAX_TITLE_LENGTH)


def _first_file_name(message: SlackMessage) -> str:
    return clip(next((one["name"] for one in message.files), ""), MAX_TITLE_LENGTH)
