"""Filing a ticket: by text, by form, from a message, from a thread."""

import json
from collections.abc import Collection
from dataclasses import replace

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.intake import cards, suggestions
from handlers.intake.confirmation import confirmation_message
from handlers.intake.origins import Origin, look_up_message
from handlers.slack import blocks, ephemeral
from handlers.slack.blocks import Element, Message, Modal
from handlers.slack.ids import Button, Command, Form, Shortcut, SlackEvent
from handlers.slack.markup import mentioned_users, unescape_text, unknown_people, with_people_named
from handlers.slack.messages.messages import SlackMessage
from handlers.slack.messages.names import look_up_names, with_names
from handlers.slack.payloads import Body, OldCard, Press, Submission, TypedCommand, bot_user_id, user_of
from handlers.slack.people.strangers import OwnWorkspace
from handlers.slack.router import Answer, Router
from handlers.text.slack import CUT_SIGN, TEXT_LIMIT, clip
from handlers.tickets.lists import answer_list, answer_ticket
from rules.errors import Refused
from rules.intake import commands
from rules.intake.commands import PLAIN_VIEWS, FileTicket, OpenForm, ShowTicket, TicketListing
from rules.intake.requests import MAX_TITLE_LENGTH, TicketRequest
from rules.intake.titles import short_title
from rules.model.policy import Policy
from rules.model.tickets import ReplyBy
from rules.people.permissions import Permission
from rules.text import Code, _
from services import intake
from services.desk import Desk
from services.intake import Duplicate
from storage.outbox import message_references
from storage.tickets import tickets
from storage.transaction import Reader


def register(on: Router) -> None:
    on.command(Command.TICKET, Permission.FILE_TICKET)(answer_ticket_command)
    list_help = _(
        "your tickets; assigned to you; requested by you; unassigned; breached; due soon; resolved; open; "
        "all that you may see; by team or type"
    )
    others = (*(f"/ticket list {view}" for view in PLAIN_VIEWS[1:]), "/ticket list team network")
    views = ("/ticket list", *others, "/ticket list type:network")
    on.word(Command.TICKET, "list", Permission.LIST_TICKETS, list_help, examples=views)(answer_ticket_command)
    on.word(Command.TICKET, "help", Permission.FILE_TICKET, alone=True)(answer_ticket_command)
    on.action(Button.FILE_ANYWAY, Permission.FILE_TICKET)(file_typed_text)
    on.action(Button.FILE_MENTION_ANYWAY, Permission.FILE_TICKET)(file_mention_anyway)
    on.action(Button.NEW_TICKET, Permission.FILE_TICKET)(open_new_ticket_form)
    on.shortcut(Shortcut.NEW_TICKET, Permission.FILE_TICKET)(open_form_from_shortcut)
    on.shortcut(Shortcut.FROM_MESSAGE, Permission.FILE_TICKET)(open_form_from_message)
    on.view(Form.FILE, Permission.FILE_TICKET)(file_ticket)
    on.event(SlackEvent.MENTION, Permission.FILE_TICKET)(file_mention)


class UnreadableThread(Refused):
    def __init__(self, word: str) -> None:
        super().__init__(
            _(
                "I can't read this thread ({reason}). Invite me with {invite} and mention me again, or type {command}.",
                reason=Code(word),
                invite=Code("/invite @Baton"),
                command=Code("/ticket"),
            )
        )


async def answer_ticket_command(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Answer:
    asked = commands.parse_ticket_command(unescape_text(command.text), desk.policy, mentioned_users(command.text))
    if isinstance(asked, OpenForm):
        return await suggestions.build_new_ticket_form(desk, command.user, Origin(command.channel).to_metadata())
    return await _answer_command(desk, client, command, asked)


async def file_typed_text(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    """Files the text as Slack escaped it, even where it begins like a command."""
    escaped = press.value
    filing = _parse_typed(desk, escaped, people=mentioned_users(escaped))
    answer = await _file_typed(desk, client, filing, press, anyway=True)
    await ephemeral.answer_press(client, press, answer, replace=True)


async def open_new_ticket_form(press: Press, desk: Desk) -> Modal:
    return await suggestions.build_new_ticket_form(desk, press.user, Origin(press.channel).to_metadata())


async def open_form_from_shortcut(body: Body, desk: Desk) -> Modal:
    return await suggestions.build_new_ticket_form(desk, user_of(body), Origin().to_metadata())


async def open_form_from_message(message: SlackMessage, client: AsyncWebClient, desk: Desk) -> Modal:
    """The form filled from the message, or the ticket that it is already."""
    message = await with_names(message, client, desk)
    origin = Origin.from_message(message)
    if number := await desk.read(_ticket_filed_from, origin.source or ""):
        return cards.answer_page(cards.already_filed(number, Duplicate.MESSAGE))
    if number := await desk.read(_ticket_of_card, message):
        return cards.answer_page(cards.already_filed(number, Duplicate.CARD))
    if len(message.text) > TEXT_LIMIT:
        await desk.execute_once(_whole_text_key(origin), intake.keep_text, message.text)
    prefill = cards.Prefill(short_title(message.text) or _first_file_name(message), message.text)
    return await suggestions.build_new_ticket_form(desk, message.user, origin.to_metadata(), prefill=prefill)


async def file_ticket(form: Submission, client: AsyncWebClient, desk: Desk) -> Modal | None:
    origin = Origin.from_metadata(form.metadata)
    request = replace(_request_from_form(form, desk.policy), origin_channel=origin.channel or None)
    if origin.ts:
        request = await _with_message_details(client, request, origin)
        request = replace(request, description=await _whole_description(desk, origin, request.description))
    by_dm = request.channel is None and not _is_ephemeral(origin)
    key = f"{form.key}:anyway" if origin.anyway else form.key
    done = await desk.execute_once(key, intake.file_request, request, by_dm=by_dm, anyway=origin.anyway)
    if done["earlier"] == Duplicate.SAME:
        return await suggestions.ask_whether_same(desk, form, replace(origin, anyway=True), done["number"])
    answer = confirmation_message(desk.policy, request, done)
    if done["earlier"] != Duplicate.NONE:
        return cards.answer_page(answer)
    if _is_ephemeral(origin) and not await ephemeral.post_in_channel(client, origin.channel, form.user, answer):
        desk.background_tasks.start(desk.execute(intake.send_confirmation, done["number"], to=form.user), notify=None)
    return None


async def file_mention(
    message: SlackMessage, body: Body, client: AsyncWebClient, desk: Desk, own_workspace: OwnWorkspace
) -> None:
    """In a thread, the thread; outside of one, the message itself. A name alone outside of one, and an order, are
    answered."""
    if message.from_bot or not message.user:
        return
    said = await with_names(message.without_mention(bot_user_id(body) or own_workspace.bot_user), client, desk)
    parsed = commands.parse_ticket_command(said.text, desk.policy) if len(said.text) <= commands.MAX_LENGTH else None
    if parsed is None or isinstance(parsed, FileTicket | OpenForm):
        await _file_mention(client, desk, message, said, own_workspace)
        return
    key = json.dumps({"channel": message.channel, "ts": message.ts})
    await desk.execute_once(_mention_key(key), intake.keep_text, json.dumps(said.raw))
    question = blocks.button(_("File anyway"), Button.FILE_MENTION_ANYWAY, key)
    answer = await _answer_parsed(desk, parsed, by=message.user, file_anyway=question)
    await ephemeral.post_in_channel(client, message.channel, message.user, answer, message.thread_ts)


async def file_mention_anyway(press: Press, client: AsyncWebClient, desk: Desk, own_workspace: OwnWorkspace) -> None:
    """Files what was said to Baton, although it looks like an order."""
    stored = await desk.execute_once(_mention_key(press.value), intake.keep_text, "")
    if not stored:
        raise OldCard
    message = replace(SlackMessage.from_event({"event": json.loads(stored)}), key=press.key)
    said = await with_names(message, client, desk)
    await _file_mention(client, desk, message, said, own_workspace)
    await ephemeral.replace_pressed_message(client, press.response_url, cards.filed_below())


async def _file_mention(
    client: AsyncWebClient, desk: Desk, message: SlackMessage, said: SlackMessage, own_workspace: OwnWorkspace
) -> None:
    root = replace(said, text="", thread_ts=message.thread_ts or message.ts)
    if message.thread_ts not in (None, message.ts):
        first = await _fetch_thread_root(client, message, own_workspace)
        if first.is_written:
            root = await with_names(replace(first, files=(*first.files, *said.files)), client, desk)
    if said.text or said.files or root.text or root.files:
        await _file_thread(client, desk, said, _parse_mention(said.text, desk.policy), root)
    else:
        await ephemeral.post_in_channel(client, message.channel, message.user, cards.mention_help(), message.thread_ts)


def _mention_key(source: str) -> str:
    return f"mention:{source}"


async def _answer_command(
    desk: Desk, client: AsyncWebClient, command: TypedCommand, parsed: commands.TicketCommand
) -> Message:
    if isinstance(parsed, FileTicket):
        return await _file_typed(desk, client, parsed, command)
    return await _answer_parsed(desk, parsed, by=command.user, file_anyway=cards.file_anyway_button(command.text))


async def _answer_parsed(
    desk: Desk, parsed: commands.TicketCommand, *, by: str, file_anyway: Element | None
) -> Message:
    """`file_anyway` files an order all the same; None where its text is too long for a button."""
    if isinstance(parsed, ShowTicket):
        card = await answer_ticket(desk, parsed.number, by=by)
        return cards.ordered_ticket(card, parsed, file_anyway) if parsed.order else card
    if isinstance(parsed, TicketListing):
        return await answer_list(desk, parsed, by=by)
    if isinstance(parsed, commands.UnclearCommand):
        return cards.unclear_command(parsed, file_anyway)
    return cards.ticket_help(desk.policy)


async def _file_typed(
    desk: Desk, client: AsyncWebClient, filing: FileTicket, said: TypedCommand | Press, *, anyway: bool = False
) -> Message:
    """`said` is the command, or the press of a button that keeps its text."""
    escaped = said.text if isinstance(said, TypedCommand) else said.value
    request = _typed_request(desk, filing, by=said.user, channel=said.channel)
    if request.assignee and not intake.may_assign(desk.policy, request):
        request = _typed_request(desk, _parse_typed(desk, escaped, people=()), by=said.user, channel=said.channel)
    request = await _with_names_of_people(desk, client, request, escaped)
    done = await desk.execute_once(said.key, intake.file_request, request, typed=unescape_text(escaped), anyway=anyway)
    if done["earlier"] == Duplicate.SAME:
        return cards.same_request(done["number"], cards.file_anyway_button(escaped))
    return cards.with_unknown_people(confirmation_message(desk.policy, request, done), unknown_people(escaped))


def _parse_typed(desk: Desk, escaped: str, *, people: Collection[str]) -> FileTicket:
    return commands.parse_ticket_text(unescape_text(escaped), desk.policy, people)


def _typed_request(desk: Desk, filing: FileTicket, *, by: str, channel: str) -> TicketRequest:
    return TicketRequest(
        title=filing.title,
        description=filing.description,
        requester=by,
        registered_by=by,
        type=filing.type or commands.default_type_key(desk.policy),
        priority=filing.priority,
        assignee=filing.assignee,
        origin_channel=channel or None,
    )


async def _with_names_of_people(
    desk: Desk, client: AsyncWebClient, request: TicketRequest, escaped: str
) -> TicketRequest:
    """People inside a sentence are text: by their names, which mention nobody."""
    texts = (request.title, request.description)
    ids = {id_ for id_ in mentioned_users(escaped) if any(f"@{id_}" in text for text in texts)}
    if not ids:
        return request
    names = await look_up_names(ids, client, desk)
    title, description = (with_people_named(text, escaped, names) for text in texts)
    return replace(request, title=title, description=description)


def _parse_mention(said: str, policy: Policy) -> FileTicket:
    """Of a text longer than a command only the first line is read for a type, a priority or a person; all of it is
    kept."""
    if len(said) <= commands.MAX_LENGTH:
        return commands.parse_ticket_text(said, policy)
    first = said.partition("\n")[0][: commands.MAX_LENGTH]
    words = commands.parse_ticket_text(first, policy)
    return replace(words, title=clip(words.title, MAX_TITLE_LENGTH), description=said)


def _whole_text_key(origin: Origin) -> str:
    return f"whole:{origin.source}"


async def _whole_description(desk: Desk, origin: Origin, description: str) -> str:
    """A form holds the first TEXT_LIMIT characters of a message; the rest of it follows what was sent."""
    if not description.endswith(CUT_SIGN):
        return description
    whole = await desk.execute_once(_whole_text_key(origin), intake.keep_text, "")
    shown = clip(whole, TEXT_LIMIT).removesuffix(CUT_SIGN)
    return description.removesuffix(CUT_SIGN) + whole[len(shown) :] if whole else description


def _ticket_filed_from(reader: Reader, source: str) -> int:
    """0 when no ticket was filed from that message."""
    ticket = tickets.ticket_from_source(reader, source)
    return ticket.number if ticket else 0


def _ticket_of_card(reader: Reader, message: SlackMessage) -> int:
    """The ticket that one of Baton's own messages is about, or stands in the thread of; 0 for any other message."""
    places = (message.ts, message.thread_ts or message.ts) if message.from_bot else (message.ts,)
    found = (message_references.find_at(reader, message.channel, ts) for ts in places)
    return next((one.number for one in found if one is not None and one.number), 0)


def _is_ephemeral(origin: Origin) -> bool:
    """Whether the answer goes to one person in a channel: the form did not start from a message."""
    return bool(origin.channel and not origin.ts)


def _request_from_form(form: Submission, policy: Policy) -> TicketRequest:
    return TicketRequest(
        title=form["title"],
        description=form["description"],
        requester=form.user,
        registered_by=form.user,
        type=form["type"],
        priority=suggestions.priority_of(form, policy),
        reply_by=form.choice(ReplyBy, "reply_by"),
        customer=form["customer"].strip() or None,
        assignee=form["assignee"] or None,
        tried=form["tried"],
    )


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
    client: AsyncWebClient, desk: Desk, mention: SlackMessage, words: FileTicket, root: SlackMessage
) -> None:
    request = await _with_message_details(client, _request_from_mention(desk, root, words), Origin.from_message(root))
    done = await desk.execute_once(mention.key, intake.file_thread, request, by_dm=request.channel is None)
    if done["earlier"] != Duplicate.NONE:
        answer = confirmation_message(desk.policy, request, done)
        await ephemeral.post_in_channel(client, mention.channel, mention.user, answer, root.ts)


async def _fetch_thread_root(client: AsyncWebClient, mention: SlackMessage, own: OwnWorkspace) -> SlackMessage:
    try:
        thread = client.conversations_replies(channel=mention.channel, ts=mention.thread_ts or "", limit=1)
        answer = await ephemeral.answer_in_time(thread)
    except SlackApiError as error:
        raise UnreadableThread(ephemeral.error_code(error)) from None
    messages = answer["messages"]
    if not messages:
        raise UnreadableThread("thread_not_found")
    root = messages[0]
    return SlackMessage.from_thread_root(mention, root, own.qualify(str(root.get("user") or ""), root))


def _request_from_mention(desk: Desk, root: SlackMessage, words: FileTicket) -> TicketRequest:
    """The thread's first message, followed by the text of the mention."""
    added = "\n".join(part for part in (words.title, words.description) if part)
    title = short_title(root.text) or words.title or _first_file_name(root)
    return TicketRequest(
        title=title,
        description="\n\n".join(part for part in (root.text, added) if part) if root.text else words.description,
        requester=root.author,
        registered_by=root.user,
        type=words.type or commands.default_type_key(desk.policy),
        priority=words.priority,
    )


def _first_file_name(message: SlackMessage) -> str:
    return clip(next((one["name"] for one in message.files), ""), MAX_TITLE_LENGTH)
