"""A bulk reassignment as its preview, as the message to everyone concerned, and as it is undone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from handlers.assignment.cards.assignments import assignment_buttons
from handlers.presence.cards.presence import presence_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.blocks import input_field as input_
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, join, mention, render
from handlers.tickets.cards.ticket import assign_button, open_button, priority_text, ticket_heading
from handlers.tickets.cards.timeline import reassignment_reason
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.presence.presence import REACHABLE_STATUSES
from rules.reassignment import UNDO_PERIOD, CompletedMove, MovableTicket, NoReceiverReason, PlannedMove, Receiver
from rules.text import Code, Moment, Person, Text, WorkTime, _, join_texts, join_tickets, ngettext
from services.reassignment.absence_cover import is_untouched
from services.reassignment.bulk import MAX_RECEIVERS, Preview
from storage.events import DESK_ACTOR
from storage.reassignment.bulk import ticket_moves
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Ticket

TICKETS_SHOWN = 20
LEADS_NAMED, TYPES_NAMED = 5, 10
CALCULATING_TEXT = _("The expected SLA breaches are being calculated; they follow below.")


@dataclass(frozen=True, slots=True)
class ReassignmentView:
    """A bulk reassignment as one person sees it; `moves` are set only for a person who is back from an absence."""

    reassignment: BulkReassignment
    role: str
    viewer: str
    policy: Policy
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    moves: Sequence[CompletedMove] = ()

    @property
    def own_moves(self) -> list[CompletedMove]:
        moves = list(self.moves or ticket_moves(self.reassignment))
        if self.role == "receiver":
            return [one for one in moves if one.to == self.viewer]
        if self.role == "back":
            return [one for one in moves if one.number in self.tickets]
        return moves


def preview_message(preview: Preview, value: str, policy: Policy, breaches: tuple[float, float] | None) -> Message:
    """Who would get which tickets, what is left to the lead, and how many SLA breaches to expect."""
    many = len(preview.plan.moves)
    head = _move_text(preview)
    content = [blocks.section(bold(head))]
    content += [blocks.section(_receiver_text(preview, one, policy)) for one in preview.receivers]
    content += _unassigned_section(preview, policy)
    if preview.not_allowed_count:
        content.append(blocks.context(_not_allowed_text(preview.not_allowed_count)))
    content.append(blocks.context(CALCULATING_TEXT if breaches is None else breaches_text(breaches)))
    drop = blocks.button(_("Cancel"), Button.CANCEL_REASSIGNMENT, preview.request.giver, spoken=_("Cancel the move"))
    said = render(_("{move}: {shares}.", move=head, shares=_shares_text(preview)))
    if len(preview.plan.moves_to(None)) == many:
        nothing = _("Nobody can take any of them, so there is nothing to move.")
        return Message(join(" ", [said, nothing]), [*content, blocks.actions(drop)])
    spoken = ngettext("Move {n} ticket", "Move {n} tickets", many)
    go = blocks.button(_("Move"), Button.BULK_REASSIGN, value, style="primary", spoken=spoken)
    return Message(said, [*content, blocks.actions(go, drop)])


def _move_text(preview: Preview) -> Text:
    request, many = preview.request, len(preview.plan.moves)
    giver, words = Person(request.giver), " ".join(request.wanted.typed_words)
    if words:
        return ngettext(
            "Move {n} ticket of {giver} ({words})",
            "Move {n} tickets of {giver} ({words})",
            many,
            giver=giver,
            words=words,
        )
    return ngettext("Move {n} ticket of {giver}", "Move {n} tickets of {giver}", many, giver=giver)


def _not_allowed_text(count: int) -> Text:
    return ngettext(
        "{n} more ticket is of a team that you do not lead: it stays.",
        "{n} more tickets are of teams that you do not lead: they stay.",
        count,
    )


def breaches_text(breaches: tuple[float, float]) -> Text:
    """Expected SLA breaches before and after, from the same random numbers."""
    before, after = breaches
    return _(
        "Expected SLA breaches: {before} as it is, {after} after the move.",
        before=f"{before:.1f}",
        after=f"{after:.1f}",
    )


def outdated_preview(reason: Markup, anew: Message | None) -> Message:
    """Nothing was moved: the reason, and the preview as it would be now."""
    return Message(reason, [blocks.section(_("⚠️ {reason}", reason=reason)), *(anew.blocks if anew else [])])


def tickets_moved(reassignment: BulkReassignment, policy: Policy) -> Message:
    moves = ticket_moves(reassignment)
    said = render(
        ngettext(
            "✓ Moved {n} ticket of {giver}: {shares}.",
            "✓ Moved {n} tickets of {giver}: {shares}.",
            len(moves),
            giver=Person(reassignment.giver),
            shares=_receivers_text(moves),
        )
    )
    until = _("Undo until {at}, for all tickets not touched by then.", at=Moment(reassignment.at + UNDO_PERIOD))
    undo = _undo_button(reassignment, "answer")
    return Message(said, [blocks.section(said), blocks.context(until), blocks.actions(undo)])


def move_undone(back: Sequence[int], unchanged: Sequence[int], giver: str) -> Message:
    parts = [_("✓ Undone: {tickets} as before with {giver}.", tickets=_ticket_numbers(back), giver=Person(giver))]
    if unchanged:
        tickets = _ticket_numbers(unchanged)
        parts.append(_("Not changed, because somebody has worked on them since: {tickets}.", tickets=tickets))
    said = join(" ", parts)
    return Message(said, [blocks.section(said)])


def reassignment_card(view: ReassignmentView) -> Message:
    head, rows = _headline(view), _ticket_rows(view)
    content = [blocks.section(head), *rows]
    if len(view.own_moves) > TICKETS_SHOWN:
        all_ = Code("/ticket list unassigned" if view.role == "lead" else "/ticket list")
        left = len(view.own_moves) - TICKETS_SHOWN
        content.append(blocks.context(_("and {count} more: {command}", count=left, command=all_)))
    undone_at, by = view.reassignment.undone_at, Person(view.reassignment.undone_by or "")
    if undone_at is not None:
        content.append(blocks.section(_("✗ Undone by {person} {at}.", person=by, at=Moment(undone_at))))
    elif presses := _card_buttons(view):
        content.append(blocks.actions(*presses))
    return Message(head, content)


def reassignment_form(policy: Policy, giver: str, words: str, about: str) -> Modal:
    types: Sequence[tuple[Text | str, str]] = [(kind.name, key) for key, kind in policy.types.items()]
    urgencies = blocks.labelled_options(Priority)
    due: Sequence[tuple[Text | str, str]] = [(_("Breached"), "breached"), (_("Due soon"), "due-soon")]
    menus: list[tuple[str, Text, Sequence[tuple[Text | str, str]]]] = [
        ("type", _("Type"), types),
        ("priority", _("Priority"), urgencies),
        ("time", _("SLA"), due),
    ]
    content = [
        input_(_("From"), blocks.user_select("giver", chosen=giver or None)),
        input_(
            _("To"),
            blocks.user_multi_select("receivers", limit=MAX_RECEIVERS),
            hint=_("They share the tickets by how many each can still take."),
        ),
    ]
    for name, label, options in menus:
        if options:
            menu = blocks.select(name, options, chosen=_initial_value(words, options), placeholder=_("All"))
            content.append(input_(label, menu, optional=True))
    return blocks.form_modal(Form.BULK_REASSIGNMENT, _("Move tickets"), content, submit=_("Preview"), metadata=about)


def _initial_value(words: str, options: Sequence[tuple[Text | str, str]]) -> str | None:
    chosen_words = words.casefold().split()
    return next((value for _, value in options if value.casefold() in chosen_words), None)


def _shares_text(preview: Preview) -> Text:
    shares = [(len(preview.plan.moves_to(one.person)), Person(one.person)) for one in preview.receivers]
    parts = [_("{count} to {person}", count=count, person=person) for count, person in shares]
    left = len(preview.plan.moves_to(None))
    return join_texts([*parts, *([_("{count} to the lead", count=left)] if left else [])], ", ")


def _receiver_text(preview: Preview, one: Receiver, policy: Policy) -> Markup:
    items = [preview.items[move.number] for move in preview.plan.moves_to(one.person)]
    here, person = preview.presences[one.person], Person(one.person)
    gets = _share_text(one, person, items)
    if here.status not in REACHABLE_STATUSES:
        away = presence_text(one.person, here, policy)
        gets = _("{person_gets}: {presence}", person_gets=gets, presence=away)
    if not items:
        return render(gets)
    kinds = sorted(Counter(item.type for item in items).items())
    types = [_type_text(preview, one.person, kind, many, policy) for kind, many in kinds]
    return join("\n", [gets, blocks.join_limited(types, TYPES_NAMED)])


def _share_text(one: Receiver, person: Person, items: Sequence[MovableTicket]) -> Text:
    if not one.is_here:
        return _("{person} gets nothing", person=person)
    if not items:
        has = _workload_text(one.tickets, one.minutes)
        if one.free_slots == 0:
            return _("{person} gets nothing, being at their limit: has {workload}", person=person, workload=has)
        return _("{person} gets nothing: has {workload}", person=person, workload=has)
    more = sum(item.workable_minutes for item in items)
    return _(
        "{person} gets {share}, would have {total}",
        person=person,
        share=bold(_workload_text(len(items), more)),
        total=_workload_text(one.tickets + len(items), one.minutes + more),
    )


def _type_text(preview: Preview, who: str, kind: str, many: int, policy: Policy) -> Markup:
    level, name = preview.skills.level_of(who, kind), blocks.name_of(policy.type(kind))
    if level is None:
        return render(_("{type} {count}", type=name, count=many))
    return render(_("{type} {count} ({level})", type=name, count=many, level=level.label))


def _unassigned_section(preview: Preview, policy: Policy) -> list[Block]:
    left = preview.plan.moves_to(None)
    if not left:
        return []
    rows = [
        _(
            "• {reason}: {tickets}",
            reason=why.label,
            tickets=_ticket_numbers(_numbers_left(left, why)),
        )
        for why in _reasons_in_order(left)
    ]
    teams = dict.fromkeys(preview.teams[one.number] for one in left)
    leads = list(dict.fromkeys(lead for team in teams for lead in policy.team(team).leads))
    people = blocks.join_limited([mention(lead) for lead in leads], LEADS_NAMED) or render(_("the managers"))
    head = ngettext(
        "{n} ticket stays unassigned; {people} will be notified:",
        "{n} tickets stay unassigned; {people} will be notified:",
        len(left),
        people=people,
    )
    return [blocks.section(join("\n", [head, *rows]))]


def _numbers_left(left: Sequence[PlannedMove], why: NoReceiverReason) -> list[int]:
    return [one.number for one in left if one.reason is why]


def _reasons_in_order(left: Sequence[PlannedMove]) -> list[NoReceiverReason]:
    return [why for why in NoReceiverReason if any(one.reason is why for one in left)]


def _headline(view: ReassignmentView) -> Markup:
    reassignment, many = view.reassignment, len(view.own_moves)
    who = _("Baton") if reassignment.by == DESK_ACTOR else _("{person}", person=Person(reassignment.by))
    giver = Person(reassignment.giver)
    details = reassignment.moves | {"why": reassignment.why}
    reason = reassignment_reason(details, view.policy, reassignment.giver, reassignment.at)
    match view.role:
        case "receiver":
            text = ngettext(
                "{who} moved {n} ticket of {giver} to you{reason}",
                "{who} moved {n} tickets of {giver} to you{reason}",
                many,
                who=who,
                giver=giver,
                reason=reason,
            )
        case "giver":
            shares = _receivers_text(view.own_moves)
            text = ngettext(
                "{who} moved {n} of your tickets: {shares}",
                "{who} moved {n} of your tickets: {shares}",
                many,
                who=who,
                shares=shares,
            )
        case "back":
            text = ngettext(
                "Welcome back. {n} of your tickets was reassigned meanwhile; still open: {open}",
                "Welcome back. {n} of your tickets were reassigned meanwhile; still open: {open}",
                len(view.moves),
                open=many,
            )
        case _:
            text = ngettext(
                "{who} moved {n} ticket of {giver}{reason}. {shares}",
                "{who} moved {n} tickets of {giver}{reason}. {shares}",
                many,
                who=who,
                giver=giver,
                reason=reason,
                shares=_receivers_text(view.own_moves),
            )
    return render(text)


def _ticket_rows(view: ReassignmentView) -> list[Block]:
    ordered = sorted(view.own_moves, key=lambda one: (one.to is not None, one.number))
    return [block for one in ordered[:TICKETS_SHOWN] if one.number in view.tickets for block in _ticket_row(view, one)]


def _ticket_row(view: ReassignmentView, one: CompletedMove) -> list[Block]:
    ticket = view.tickets[one.number]
    parts: list[Text | Markup] = [
        priority_text(ticket.priority),
        blocks.name_of(view.policy.type(ticket.type)),
        ticket.status.label,
    ]
    if view.role != "receiver":
        parts.append(_("Assignee {person}", person=Person(ticket.assignee)) if ticket.assignee else _("Unassigned"))
    if one.reason is not None and ticket.assignee is None:
        parts.append(one.reason.label)
    words = join("\n", [ticket_heading(ticket), join(" · ", parts)])
    if view.role == "receiver" and ticket.assignee == view.viewer and ticket.status is Status.ASSIGNED:
        return [blocks.section(words), blocks.actions(*assignment_buttons(one.number))]
    return [blocks.section(words, accessory=_ticket_button(view, one, ticket))]


def _ticket_button(view: ReassignmentView, one: CompletedMove, ticket: Ticket) -> Element:
    if view.role == "lead" and ticket.assignee is None and ticket.resolved_at is None:
        return assign_button(one.number)
    return open_button(one.number)


def _card_buttons(view: ReassignmentView) -> list[Element]:
    if view.role == "lead" and view.reassignment.by in (DESK_ACTOR, view.reassignment.giver):
        return [_undo_button(view.reassignment, "lead")]
    if view.role == "back" and any(_can_be_taken_back(view, one) for one in view.own_moves):
        id_ = view.reassignment.id
        spoken = _("Take my tickets back")
        return [blocks.button(_("Take back"), Button.RECLAIM_TICKETS, id_, style="primary", spoken=spoken)]
    return []


def _can_be_taken_back(view: ReassignmentView, one: CompletedMove) -> bool:
    ticket = view.tickets[one.number]
    return ticket.assignee != view.viewer and is_untouched(one, ticket.status, ticket.seq)


def _undo_button(reassignment: BulkReassignment, where: str) -> Element:
    return blocks.button(_("Undo"), Button.UNDO_REASSIGNMENT, f"{reassignment.id}.{where}", spoken=_("Undo the move"))


def _receivers_text(moves: Sequence[CompletedMove]) -> Text:
    to = Counter(one.to for one in moves)
    parts = [
        _("{count} to {person}", count=count, person=Person(who)) if who else _("{count} unassigned", count=count)
        for who, count in sorted(to.items(), key=lambda one: (one[0] is None, one[0]))
    ]
    return join_texts(parts, ", ")


def _workload_text(tickets: int, minutes: float) -> Text:
    return ngettext("{n} ticket, {work}", "{n} tickets, {work}", tickets, work=WorkTime(minutes * 60))


def _ticket_numbers(numbers: Sequence[int], most: int = 30) -> Text:
    return join_tickets(numbers, most)
