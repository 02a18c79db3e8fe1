"""The form *New ticket*, and what the person who filed a ticket reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import escape_line, local_time, mention, render
from handlers.tickets.cards.ticket import open_button, priority_text
from rules.intake.commands import UnclearCommand, default_type_key
from rules.intake.requests import MAX_TITLE_LENGTH
from rules.model.policy import Policy
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind
from rules.text import _
from services.intake import Duplicate
from storage.schema.tickets import Ticket

BUTTON_VALUE_LIMIT = 2000
CUSTOMER_LIMIT = 150
SHOWN_TEXT_LIMIT = 200
TYPE_FIELD_INDEX = 2


@dataclass(frozen=True, slots=True)
class Prefill:
    title: str = ""
    description: str = ""


NOTHING_PREFILLED = Prefill()


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What the confirmation shows of a new ticket."""

    number: int
    title: str
    type: str
    priority: Priority
    team: str
    registered_by: str
    assignee: str | None = None
    status: Status = Status.NEW
    asked_expert: str | None = None


DueTimes = Mapping[TimerKind, datetime]
TRIED_HINT = (
    "Where you assign it to one of its experts: they are asked at once, and decide by this and the description."
)


def new_ticket_form(
    policy: Policy, prefill: Prefill, metadata: str, *, type_: str = "", proposed: Sequence[Block] | None = None
) -> Modal:
    """The usual type, priority and channel are preselected.

    `proposed` lists candidates for tickets of `type_`, and choosing another type updates them. None for people who may
    not assign.
    """
    usual = type_ or default_type_key(policy)
    types = [(one.name, one.key) for one in policy.types.values()]
    title = blocks.text_input("title", initial=prefill.title, limit=MAX_TITLE_LENGTH, placeholder="What is wrong?")
    priority = blocks.select("priority", blocks.labelled_options(Priority), chosen=policy.type(usual).priority)
    reply_by = blocks.select("reply_by", blocks.labelled_options(ReplyBy), chosen=ReplyBy.SLACK)
    content = [
        blocks.input_field("Title", title),
        blocks.input_field(
            "Description",
            blocks.text_input("description", initial=prefill.description, multiline=True),
            optional=True,
            hint="What happens, since when, who is affected.",
        ),
        blocks.input_field("Type", blocks.select(Button.TICKET_TYPE, types or [("None yet", "none")], chosen=usual)),
        blocks.input_field("Priority", priority),
        blocks.input_field(
            "Customer", blocks.text_input("customer", limit=CUSTOMER_LIMIT), optional=True, hint="Whom it is for."
        ),
        blocks.input_field("Reply to the customer by", reply_by),
        blocks.input_field(
            "Assign to", blocks.user_select("assignee"), optional=True, hint="Empty: whoever is free takes it."
        ),
    ]
    if proposed is not None:
        content[TYPE_FIELD_INDEX]["dispatch_action"] = True
        if policy.type(usual).expert_team:
            content.append(blocks.text_field("What was tried", "tried", optional=True, hint=TRIED_HINT))
        content += proposed
    return blocks.form_modal(Form.FILE, "New ticket", content, submit="File ticket", metadata=metadata)


def ticket_filed(
    ticket: Ticket | NewTicket, due: DueTimes, policy: Policy, *, may_change: bool, answerable: bool = False
) -> Message:
    """Which ticket, when it is due, and why this team.

    `answerable` when the message is posted where the requester can answer below it.
    """
    type_name = blocks.name_of(policy.type(ticket.type))
    about = f"{escape_line(ticket.title)} · {priority_text(ticket.priority)} · {type_name}"
    due_text = _due_text(ticket, due, policy)
    buttons = [open_button(ticket.number)]
    if may_change:
        buttons.append(blocks.button("Change…", Button.CHANGE, ticket.number, spoken=f"Change ticket {ticket.number}"))
    below = ["To say more, answer in this thread: the team reads it."] if answerable else []
    return Message(
        f"Filed #{ticket.number} {about}. {due_text}",
        [
            blocks.section(f"Filed *#{ticket.number}* {about}\n{due_text}"),
            blocks.context(_team_reason(ticket, policy), *below),
            blocks.actions(*buttons),
        ],
    )


def ticket_filed_in_thread(ticket: Ticket, due: DueTimes, policy: Policy) -> Message:
    words = f"Filed as *#{ticket.number}* · {escape_line(ticket.title)}"
    due_text = _due_text(ticket, due, policy, whose="")
    spoken = f"Filed as #{ticket.number} · {escape_line(ticket.title)}. {due_text}"
    return Message(spoken, [blocks.section(f"{words}\n{due_text}"), blocks.actions(open_button(ticket.number))])


def already_filed(number: int, earlier: Duplicate) -> Message:
    words = {
        Duplicate.MESSAGE: f"This message is #{number} already.",
        Duplicate.THREAD: f"This thread is #{number} already.",
    }.get(earlier, f"Already filed as #{number} a moment ago.")
    return Message(words, [blocks.section(words), blocks.actions(open_button(number))])


def with_unknown_people(message: Message, names: Sequence[str]) -> Message:
    if not names:
        return message
    fault = _("Slack knows nobody called {names}, so nobody was chosen by that.", names=", ".join(names))
    words = render(_("{fault} To name a colleague, type @ and choose one from the list.", fault=fault))
    return Message(f"{message.text} {words}", [*message.blocks, blocks.context(words)])


def unclear_command(parsed: UnclearCommand, text: str) -> Message:
    """Asks before filing; the button keeps `text`, as Slack escaped it."""
    guess = f" Did you mean `{parsed.guess}`?" if parsed.guess else ""
    words = f"Nothing was filed. `{escape_line(parsed.typed, SHOWN_TEXT_LIMIT)}` is not a command.{guess}"
    whole = blocks.quoted_sections(parsed.typed) if len(parsed.typed) > SHOWN_TEXT_LIMIT else []
    if len(text) > BUTTON_VALUE_LIMIT:
        way = "To file it as a ticket type `/ticket` alone and use the form."
        return Message(f"{words} {way}", [blocks.section(f"{words}\n{way}"), *whole])
    way = "To file it as a ticket press *File it anyway*."
    press = blocks.button("File it anyway", Button.FILE_ANYWAY, text)
    return Message(f"{words} {way}", [blocks.section(f"{words}\n{way}"), *whole, blocks.actions(press)])


def ticket_help(policy: Policy) -> Message:
    types = ", ".join(f"`{escape_line(key, 80)}`" for key in list(policy.types)[:30])
    content: list[Block] = [
        blocks.section(
            "*File a ticket*\n"
            "`/ticket` opens a form.\n"
            "`/ticket VPN is down on floor 3` files at once.\n"
            "Anywhere in the text: `!critical` `!high` `!normal` `!low`, `type:NAME`, and @colleague to assign it."
        ),
        blocks.section(
            "*Find tickets*\n"
            "`/ticket 12` shows one.\n"
            "`/ticket list` shows yours; `list unassigned`, `list overdue`, `list near`, `list all`, `list team NAME`."
        ),
        blocks.section(
            "*In a thread*\nMention me, with `!high` or `type:NAME` if you like, and the thread becomes a ticket; "
            "or choose *Create ticket* under ⋯ of any message."
        ),
        blocks.context(
            *([f"Types: {types}"] if types else []),
            "Only you see these answers. A ticket is seen by the one who asked, the team that has it, its lead, "
            "managers and observers.",
        ),
        blocks.actions(
            blocks.button("New ticket", Button.NEW_TICKET, "new", style="primary"),
            blocks.button("My tickets", Button.SHOW_LIST, "mine:1:"),
        ),
    ]
    return Message("How to use /ticket: type it alone for a form, or with what is wrong, a number, or list.", content)


def mention_help() -> Message:
    words = "You called me, and I do not know what for."
    way = (
        "Mention me with what is wrong, as `@Baton the printer is jammed !high`, and I file it. "
        "In a thread my name is enough: the thread becomes the ticket."
    )
    ways = blocks.actions(blocks.button("New ticket", Button.NEW_TICKET, "new"))
    return Message(f"{words} {way}", [blocks.section(f"{words}\n{way}"), ways])


def answer_page(message: Message) -> Modal:
    return blocks.page_modal("New ticket", message.blocks)


def _due_text(ticket: Ticket | NewTicket, due: DueTimes, policy: Policy, *, whose: str = " (your time)") -> str:
    team = blocks.name_of(policy.team(ticket.team))
    parts = []
    if TimerKind.FIRST_RESPONSE in due:
        parts.append(f"{team} replies by {local_time(due[TimerKind.FIRST_RESPONSE])}")
    if TimerKind.RESOLUTION in due:
        parts.append(f"done by {local_time(due[TimerKind.RESOLUTION])}")
    if not parts:
        return f"{team} has it; no time is promised for this type."
    words = "; ".join(parts)
    return f"{words[0].upper()}{words[1:]}{whose}."


def _team_reason(ticket: Ticket | NewTicket, policy: Policy) -> str:
    team = blocks.name_of(policy.team(ticket.team))
    with_whom = f" It is offered to {mention(ticket.assignee)}." if ticket.assignee else ""
    if isinstance(ticket, NewTicket) and ticket.asked_expert:
        with_whom = f" {mention(ticket.asked_expert)} and their team are asked; until they decide, you have it."
    elif ticket.assignee == ticket.registered_by:
        with_whom = " It is offered to you." if ticket.status is Status.ASSIGNED else " You have it."
    return f"Why {team}: they handle {blocks.name_of(policy.type(ticket.type))}.{with_whom}"
