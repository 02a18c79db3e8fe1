"""The form *New ticket*, and what the person who filed a ticket reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, clip, escape_line, join, render
from handlers.tickets.cards.ticket import open_button, priority_text
from rules.intake.commands import PLAIN_VIEWS, ShowTicket, UnclearCommand, default_type_key
from rules.intake.orders import SEARCHING_VERBS
from rules.intake.requests import MAX_TITLE_LENGTH
from rules.model.policy import Policy
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind
from rules.text import Code, Moment, Person, Text, TicketNumber, _, join_texts, ngettext
from services.intake import Duplicate
from storage.schema.tickets import Ticket

BUTTON_VALUE_LIMIT = 2000
CUSTOMER_LIMIT = 150
SHOWN_TEXT_LIMIT = 200
SHOWN_TYPES = 30
_TICKET = Code("/ticket")
TYPE_FIELD_INDEX = 2
PRIORITY_FIELD = "priority"


@dataclass(frozen=True, slots=True)
class Prefill:
    title: str = ""
    description: str = ""


NOTHING_PREFILLED = Prefill()


@dataclass(frozen=True, slots=True)
class ChosenPriority:
    """The field, which names the type whose usual priority it was opened with, and what is chosen in it."""

    field: str
    value: str

    def is_usual(self, policy: Policy) -> bool:
        """Whether the person left it as it was."""
        opened_with = self.field.partition(":")[2] or default_type_key(policy)
        return self.value == policy.type(opened_with).priority


def priority_field(type_: str, policy: Policy) -> str:
    """Slack keeps what is chosen in a field of the same name: a type of another usual priority has another one."""
    if not type_ or policy.type(type_).priority == policy.type(default_type_key(policy)).priority:
        return PRIORITY_FIELD
    return f"{PRIORITY_FIELD}:{type_}"


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
TRIED_HINT = _("Needed only if you assign it to an expert. They decide based on this and the description.")


def new_ticket_form(
    policy: Policy,
    prefill: Prefill,
    metadata: str,
    *,
    type_: str = "",
    priority: ChosenPriority | None = None,
    proposed: Sequence[Block] | None = None,
) -> Modal:
    """The usual type, priority and channel are preselected; `priority` is the one that the person chose themselves.

    `proposed` lists candidates for tickets of `type_`, and choosing another type updates them. None for people who may
    not assign.
    """
    usual = type_ or default_type_key(policy)
    types = [(one.name, one.key) for one in policy.types.values()]
    priority = priority or ChosenPriority(priority_field(type_, policy), policy.type(usual).priority)
    placeholder = _("What is wrong?")
    title = blocks.text_input("title", initial=prefill.title, limit=MAX_TITLE_LENGTH, placeholder=placeholder)
    description = blocks.text_input("description", initial=prefill.description, multiline=True)
    type_menu = blocks.select(Button.TICKET_TYPE, types or [(_("None yet"), "none")], chosen=usual)
    priority_menu = blocks.select(priority.field, blocks.labelled_options(Priority), chosen=priority.value)
    reply_by = blocks.select("reply_by", blocks.labelled_options(ReplyBy), chosen=ReplyBy.SLACK)
    customer, assignee = blocks.text_input("customer", limit=CUSTOMER_LIMIT), blocks.user_select("assignee")
    customer_hint = _("Name of the customer or company. Leave empty if you're the requester.")
    assignee_hint = _("Leave empty to keep it unassigned.")
    description_hint = _("What happens, since when, who is affected.")
    content = [
        blocks.input_field(_("Title"), title),
        blocks.input_field(_("Description"), description, optional=True, hint=description_hint),
        blocks.input_field(_("Type"), type_menu),
        blocks.input_field(_("Priority"), priority_menu),
        blocks.input_field(_("Customer"), customer, optional=True, hint=customer_hint),
        blocks.input_field(_("Reply via"), reply_by),
        blocks.input_field(_("Assign to"), assignee, optional=True, hint=assignee_hint),
    ]
    content[TYPE_FIELD_INDEX]["dispatch_action"] = True
    if proposed is not None:
        if policy.type(usual).expert_team:
            content.append(blocks.text_field(_("What was tried"), "tried", optional=True, hint=TRIED_HINT))
        content += proposed
    return blocks.form_modal(Form.FILE, _("New ticket"), content, submit=_("Create ticket"), metadata=metadata)


def ticket_filed(
    ticket: Ticket | NewTicket, due: DueTimes, policy: Policy, *, may_change: bool, answerable: bool = False
) -> Message:
    """Which ticket, when it is due, and why this team.

    `answerable` when the message is posted where the requester can answer below it.
    """
    kind = blocks.name_of(policy.type(ticket.type))
    about = join(" · ", [escape_line(ticket.title), priority_text(ticket.priority), kind])
    number, due_text = TicketNumber(ticket.number), _due_text(ticket, due, policy)
    created = _("Created {ticket} {about}", ticket=bold(Text("{number}", {"number": number})), about=about)
    buttons = [open_button(ticket.number)]
    if may_change:
        spoken = _("Change ticket {number}", number=ticket.number)
        buttons.append(blocks.button(_("Change…"), Button.CHANGE, ticket.number, spoken=spoken))
    below = [_("To add something, reply in this thread.")] if answerable else []
    return Message(
        render(_("Created {ticket} {about}. {due}", ticket=number, about=about, due=due_text)),
        [
            blocks.section(join("\n", [created, due_text])),
            blocks.context(_team_reason(ticket, policy), *below),
            blocks.actions(*buttons),
        ],
    )


def ticket_filed_in_thread(ticket: Ticket, due: DueTimes, policy: Policy) -> Message:
    number, title = TicketNumber(ticket.number), escape_line(ticket.title)
    due_text = _due_text(ticket, due, policy, is_own_time=False)
    created = _("Created {ticket} · {title}", ticket=bold(Text("{number}", {"number": number})), title=title)
    spoken = render(_("Created {ticket} · {title}. {due}", ticket=number, title=title, due=due_text))
    return Message(
        spoken, [blocks.section(join("\n", [created, due_text])), blocks.actions(open_button(ticket.number))]
    )


def already_filed(number: int, earlier: Duplicate) -> Message:
    ticket = TicketNumber(number)
    words = {
        Duplicate.MESSAGE: _("This message is already {ticket}.", ticket=ticket),
        Duplicate.THREAD: _("This thread is already {ticket}.", ticket=ticket),
        Duplicate.CARD: _("This is {ticket}.", ticket=ticket),
    }.get(earlier, _("Already created as {ticket} a moment ago.", ticket=ticket))
    return Message(render(words), [blocks.section(words), blocks.actions(open_button(number))])


def same_request(number: int, file_anyway: Element | None) -> Message:
    """Asks before the same is filed again."""
    words = [_same_text(number), _way_to_file(file_anyway)]
    press = [file_anyway] if file_anyway else []
    return Message(join(" ", words), [blocks.section(join("\n", words)), blocks.actions(open_button(number), *press)])


def same_request_form(form: Modal, number: int) -> Modal:
    """The form with everything that was written, which files when it is sent once more."""
    question = [blocks.section(_same_text(number), accessory=open_button(number))]
    return form | {"blocks": [*question, *form["blocks"]], "submit": blocks.plain_text(_("File anyway"), 24)}


def _same_text(number: int) -> Text:
    return _("No ticket created yet: is this the same as {ticket}?", ticket=TicketNumber(number))


def filed_below() -> Message:
    words = _("Done: see the thread.")
    return Message(render(words), [blocks.section(words)])


def with_unknown_people(message: Message, names: Sequence[str]) -> Message:
    if not names:
        return message
    fault = _("Slack knows nobody called {names}, so nobody was chosen by that.", names=", ".join(names))
    words = render(_("{fault} To name a colleague, type @ and choose one from the list.", fault=fault))
    return Message(f"{message.text} {words}", [*message.blocks, blocks.context(words)])


def file_anyway_button(text: str) -> Element | None:
    """It keeps the text, as Slack escaped it; None where that is too long for a button."""
    return blocks.button(_("File anyway"), Button.FILE_ANYWAY, text) if len(text) <= BUTTON_VALUE_LIMIT else None


def unclear_command(parsed: UnclearCommand, file_anyway: Element | None) -> Message:
    words = [_unclear_text(parsed), *([_lists_text()] if parsed.order == "list" else []), _way_to_file(file_anyway)]
    whole = blocks.quoted_sections(parsed.typed) if len(parsed.typed) > SHOWN_TEXT_LIMIT else []
    press = [blocks.actions(file_anyway)] if file_anyway else []
    return Message(join(" ", words), [blocks.section(join("\n", words)), *whole, *press])


def ordered_ticket(card: Message, parsed: ShowTicket, file_anyway: Element | None) -> Message:
    """The card has the buttons for what was ordered."""
    typed = Code(clip(parsed.order, SHOWN_TEXT_LIMIT))
    words = _("No ticket created from {typed}. This is {ticket}:", typed=typed, ticket=TicketNumber(parsed.number))
    press = [blocks.actions(file_anyway)] if file_anyway else []
    way = blocks.context(_way_to_file(file_anyway))
    return Message(join(" ", [words, Markup(card.text)]), [blocks.section(words), *card.blocks, way, *press])


def _unclear_text(parsed: UnclearCommand) -> Text:
    typed = Code(clip(parsed.typed, SHOWN_TEXT_LIMIT))
    if parsed.guess:
        guess = Code(parsed.guess)
        return _("No ticket created: {typed} isn't a command. Did you mean {guess}?", typed=typed, guess=guess)
    if parsed.order == "list":
        return _("No ticket created: {typed} isn't a list.", typed=typed)
    if parsed.order in SEARCHING_VERBS:
        mine, one = Code("/ticket list"), Code("/ticket 12")
        return _(
            "No ticket created: there is no search. {mine} lists your tickets, {one} shows one.", mine=mine, one=one
        )
    one = Code("/ticket 12")
    return _("No ticket created: {typed} isn't a command. {one} shows a ticket with its buttons.", typed=typed, one=one)


def _lists_text() -> Text:
    by_state = [Code("list"), *(Code(f"list {view}") for view in PLAIN_VIEWS[1:])]
    lists = [*by_state, Code("list team NAME"), Code("list type:NAME")]
    return _("Lists: {lists}.", lists=join_texts([Text("{code}", {"code": one}) for one in lists], ", "))


def _way_to_file(file_anyway: Element | None) -> Text:
    if file_anyway is None:
        return _("To create a ticket from your text, type {command} alone and use the form.", command=Code("/ticket"))
    return _("To create a ticket from your text, press *File anyway*.")


def ticket_help(policy: Policy) -> Message:
    types = ", ".join(f"`{escape_line(key, 80)}`" for key in list(policy.types)[:SHOWN_TYPES])
    more = len(policy.types) - SHOWN_TYPES
    every = [_("Types: {types}", types=Markup(types))] if more <= 0 else []
    some = [ngettext("Types: {types} and {n} more", "Types: {types} and {n} more", more, types=Markup(types))]
    seen = _(
        "Only you see these answers. A ticket is seen by its requester, the team that works on it, its lead, managers "
        "and observers."
    )
    buttons = [
        blocks.button(_("New ticket"), Button.NEW_TICKET, "new", style="primary"),
        blocks.button(_("My tickets"), Button.SHOW_LIST, "mine:1:"),
    ]
    content: list[Block] = [
        blocks.section(
            _(
                "*Create a ticket*\n`/ticket` opens a form.\n`/ticket VPN is down on floor 3` creates one at once.\n"
                "Anywhere in the text: `!critical` `!high` `!normal` `!low` and `type:NAME`; "
                "@colleague at its beginning or end assigns it."
            )
        ),
        blocks.section(
            _(
                "*Find tickets*\n`/ticket 12` shows one.\n`/ticket list` shows yours; `list unassigned`, "
                "`list breached`, `list due soon`, `list resolved`, `list open`, `list all`, `list team NAME`, "
                "`list type:NAME`."
            )
        ),
        blocks.section(
            _(
                "*In a thread*\nMention me, with `!high` or `type:NAME` if you like, and the thread becomes a ticket; "
                "or choose *Create ticket* under ⋯ of any message."
            )
        ),
        blocks.context(*((every if more <= 0 else some) if types else []), seen),
        blocks.actions(*buttons),
    ]
    words = _("How to use {command}: alone for a form, or with what is wrong, a number, or list.", command=_TICKET)
    return Message(render(words), content)


def mention_help() -> Message:
    words = _("Hi! Tell me what's wrong and I'll open a ticket.")
    way = _(
        "For example: {example}. In a thread my name is enough: the thread becomes the ticket.",
        example=Code("@Baton the printer is jammed !high"),
    )
    ways = blocks.actions(blocks.button(_("New ticket"), Button.NEW_TICKET, "new"))
    return Message(join(" ", [words, way]), [blocks.section(join("\n", [words, way])), ways])


def answer_page(message: Message) -> Modal:
    return blocks.page_modal(_("New ticket"), message.blocks)


def _due_text(ticket: Ticket | NewTicket, due: DueTimes, policy: Policy, *, is_own_time: bool = True) -> Text:
    """`is_own_time` where one person alone reads it."""
    first, resolution = (due.get(kind) for kind in (TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION))
    if first and resolution:
        reply, done = Moment(first), Moment(resolution)
        if is_own_time:
            return _("First reply by {first}, resolution by {done} (your time).", first=reply, done=done)
        return _("First reply by {first}, resolution by {done}.", first=reply, done=done)
    if first:
        at = Moment(first)
        return _("First reply by {at} (your time).", at=at) if is_own_time else _("First reply by {at}.", at=at)
    if resolution:
        at = Moment(resolution)
        return _("Resolution by {at} (your time).", at=at) if is_own_time else _("Resolution by {at}.", at=at)
    return _("{team} will look at it. There is no SLA for this type.", team=policy.team(ticket.team).name)


def _team_reason(ticket: Ticket | NewTicket, policy: Policy) -> Markup:
    team, kind = policy.team(ticket.team).name, policy.type(ticket.type).name
    return join(" ", [_("Routed to {team}, which handles {type}.", team=team, type=kind), *_assignee_text(ticket)])


def _assignee_text(ticket: Ticket | NewTicket) -> list[Text]:
    if isinstance(ticket, NewTicket) and ticket.asked_expert:
        expert = Person(ticket.asked_expert)
        return [_("Escalated to {person} and their team. Until they decide, it is assigned to you.", person=expert)]
    if not ticket.assignee:
        return []
    if ticket.assignee != ticket.registered_by:
        return [_("Assigned to {person} (waiting for them to start).", person=Person(ticket.assignee))]
    return [_("Assigned to you.")]
