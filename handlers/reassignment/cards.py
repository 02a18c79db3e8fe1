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
from handlers.text.slack import escape_line, local_time, mention
from handlers.tickets.cards.ticket import assign_button, open_button, priority_text, ticket_heading
from handlers.tickets.cards.timeline import reassignment_reason
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.presence.presence import REACHABLE_STATUSES
from rules.reassignment import UNDO_PERIOD, CompletedMove, NoReceiverReason, PlannedMove, Receiver
from rules.text import Text
from services.reassignment.absence_cover import is_untouched
from services.reassignment.bulk import MAX_RECEIVERS, Preview
from storage.events import DESK_ACTOR
from storage.reassignment.bulk import ticket_moves
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Ticket

TICKETS_SHOWN = 20
CALCULATING_TEXT = "The expected SLA breaches are being calculated; they follow below."


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
    request, many = preview.request, len(preview.plan.moves)
    these = f" ({escape_line(' '.join(request.wanted.typed_words), 200)})" if request.wanted.typed_words else ""
    head = f"Move {_ticket_count(many)} of {mention(request.giver)}{these}: {_shares_text(preview)}."
    content = [blocks.section(f"*Move {_ticket_count(many)} of {mention(request.giver)}*{these}")]
    content += [blocks.section(_receiver_text(preview, one, policy)) for one in preview.receivers]
    content += _unassigned_section(preview, policy)
    if preview.not_allowed_count:
        many_left = _ticket_count(preview.not_allowed_count)
        content.append(blocks.context(f"{many_left} more are of teams that you do not lead: they stay."))
    content.append(blocks.context(CALCULATING_TEXT if breaches is None else breaches_text(breaches)))
    drop = blocks.button("Cancel", Button.CANCEL_REASSIGNMENT, request.giver, spoken="Cancel the move")
    if len(preview.plan.moves_to(None)) == many:
        return Message(f"{head} Nobody takes any of it, so there is nothing to move.", [*content, blocks.actions(drop)])
    go = blocks.button("Move", Button.BULK_REASSIGN, value, style="primary", spoken=f"Move {_ticket_count(many)}")
    return Message(head, [*content, blocks.actions(go, drop)])


def breaches_text(breaches: tuple[float, float]) -> str:
    """Expected SLA breaches before and after, from the same random numbers."""
    before, after = breaches
    return f"Expected SLA breaches: {before:.1f} as it is, {after:.1f} after the move."


def outdated_preview(words: str, anew: Message | None) -> Message:
    """Nothing was moved: the reason, and the preview as it would be now."""
    return Message(words, [blocks.section(f"⚠️ {words}"), *(anew.blocks if anew else [])])


def tickets_moved(reassignment: BulkReassignment, policy: Policy) -> Message:
    moves = ticket_moves(reassignment)
    giver = mention(reassignment.giver)
    words = f"✓ Moved {_ticket_count(len(moves))} of {giver}: {_receivers_sentence(moves)}."
    back = _undo_button(reassignment, "answer")
    until = blocks.context(
        f"Undo until {local_time(reassignment.at + UNDO_PERIOD)}, for every ticket that nobody has touched by then."
    )
    return Message(words, [blocks.section(words), until, blocks.actions(back)])


def move_undone(back: Sequence[int], unchanged: Sequence[int], giver: str) -> Message:
    words = f"✓ Taken back: {_ticket_numbers(back)} as before with {mention(giver)}."
    if unchanged:
        words += f" Somebody has worked on {_ticket_numbers(unchanged)} since: there nothing was changed."
    return Message(words, [blocks.section(words)])


def reassignment_card(view: ReassignmentView) -> Message:
    head, rows = _headline(view), _ticket_rows(view)
    content = [blocks.section(head), *rows]
    if len(view.own_moves) > TICKETS_SHOWN:
        where_ = "/ticket list unassigned" if view.role == "lead" else "/ticket list"
        content.append(blocks.context(f"and {len(view.own_moves) - TICKETS_SHOWN} more: `{where_}`"))
    undone_at, by = view.reassignment.undone_at, mention(view.reassignment.undone_by)
    if undone_at is not None:
        content.append(blocks.section(f"✗ Taken back by {by} {local_time(undone_at)}."))
    elif presses := _card_buttons(view):
        content.append(blocks.actions(*presses))
    return Message(head, content)


def reassignment_form(policy: Policy, giver: str, words: str, about: str) -> Modal:
    types = [(kind.name, key) for key, kind in policy.types.items()]
    urgencies = blocks.labelled_options(Priority)
    due = [("Overdue", "overdue"), ("Near their time", "near")]
    menus: dict[str, Sequence[tuple[Text | str, str]]] = {"type": types, "priority": urgencies, "time": due}
    content = [
        input_("From", blocks.user_select("giver", chosen=giver or None)),
        input_(
            "To",
            blocks.user_multi_select("receivers", limit=MAX_RECEIVERS),
            hint="They share the tickets by what each still takes.",
        ),
    ]
    for name, options in menus.items():
        if options:
            menu = blocks.select(name, options, chosen=_initial_value(words, options), placeholder="All")
            content.append(input_(name.capitalize(), menu, optional=True))
    return blocks.form_modal(Form.BULK_REASSIGNMENT, "Move tickets", content, submit="Show", metadata=about)


def _initial_value(words: str, options: Sequence[tuple[Text | str, str]]) -> str | None:
    chosen_words = words.casefold().split()
    return next((value for _, value in options if value.casefold() in chosen_words), None)


def _shares_text(preview: Preview) -> str:
    parts = [f"{len(preview.plan.moves_to(one.person))} to {mention(one.person)}" for one in preview.receivers]
    left = len(preview.plan.moves_to(None))
    return ", ".join([*parts, *([f"{left} to the lead"] if left else [])])


def _receiver_text(preview: Preview, one: Receiver, policy: Policy) -> str:
    items = [preview.items[move.number] for move in preview.plan.moves_to(one.person)]
    here = preview.presences[one.person]
    off = f": {presence_text(one.person, here, policy)}" if here.status not in REACHABLE_STATUSES else ""
    if not one.is_here:
        return f"{mention(one.person)} gets nothing{off}"
    if not items:
        room = ", and has no room" if one.free_slots == 0 else ""
        return f"{mention(one.person)} gets nothing{room}: has {_workload_text(one.tickets, one.minutes)}"
    more = sum(item.workable_minutes for item in items)
    then = _workload_text(one.tickets + len(items), one.minutes + more)
    kinds = Counter(item.type for item in items)
    fit = ", ".join(_type_text(preview, one.person, kind, many, policy) for kind, many in sorted(kinds.items())[:10])
    return f"{mention(one.person)} gets *{_workload_text(len(items), more)}*, would have {then}{off}\n{fit}"


def _type_text(preview: Preview, who: str, kind: str, many: int, policy: Policy) -> str:
    level = preview.skills.level_of(who, kind)
    knows = f" ({level.label})" if level is not None else ""
    return f"{blocks.name_of(policy.type(kind))} {many}{knows}"


def _unassigned_section(preview: Preview, policy: Policy) -> list[Block]:
    left = preview.plan.moves_to(None)
    if not left:
        return []
    rows = [
        f"• {why.label}: {_ticket_numbers([one.number for one in left if one.reason is why])}"
        for why in _reasons_in_order(left)
    ]
    teams = dict.fromkeys(preview.teams[one.number] for one in left)
    leads = dict.fromkeys(lead for team in teams for lead in policy.team(team).leads)
    whose = ", ".join(map(mention, list(leads)[:5])) or "the managers"
    head = f"*{_ticket_count(len(left))}* would stay unassigned, and {whose} would be notified:"
    return [blocks.section("\n".join([head, *rows]))]


def _reasons_in_order(left: Sequence[PlannedMove]) -> list[NoReceiverReason]:
    return [why for why in NoReceiverReason if any(one.reason is why for one in left)]


def _headline(view: ReassignmentView) -> str:
    reassignment, many = view.reassignment, len(view.own_moves)
    who = "Baton" if reassignment.by == DESK_ACTOR else mention(reassignment.by)
    giver = mention(reassignment.giver)
    details = reassignment.moves | {"why": reassignment.why}
    reason = reassignment_reason(details, view.policy, reassignment.giver, reassignment.at)
    if view.role == "receiver":
        return f"{who} moved {_ticket_count(many)} of {giver} to you{reason}"
    if view.role == "giver":
        return f"{who} moved {_ticket_count(many)} of yours: {_receivers_sentence(view.own_moves)}"
    if view.role == "back":
        return f"Welcome back. {_ticket_count(len(view.moves))} of yours went to others meanwhile; still open: {many}"
    return f"{who} moved {_ticket_count(many)} of {giver}{reason}. {_receivers_sentence(view.own_moves)}"


def _ticket_rows(view: ReassignmentView) -> list[Block]:
    ordered = sorted(view.own_moves, key=lambda one: (one.to is not None, one.number))
    return [block for one in ordered[:TICKETS_SHOWN] if one.number in view.tickets for block in _ticket_row(view, one)]


def _ticket_row(view: ReassignmentView, one: CompletedMove) -> list[Block]:
    ticket = view.tickets[one.number]
    status = ticket.status.label
    whose = "" if view.role == "receiver" else f" · with {mention(ticket.assignee)}"
    why = f" · {one.reason.label}" if one.reason is not None and ticket.assignee is None else ""
    kind, priority = (blocks.name_of(view.policy.type(ticket.type)), priority_text(ticket.priority))
    words = f"{ticket_heading(ticket)}\n{priority} · {kind} · {status}{whose}{why}"
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
        back = blocks.button("Take back", Button.RECLAIM_TICKETS, id_, style="primary", spoken="Take my tickets back")
        return [back]
    return []


def _can_be_taken_back(view: ReassignmentView, one: CompletedMove) -> bool:
    ticket = view.tickets[one.number]
    return ticket.assignee != view.viewer and is_untouched(one, ticket.status, ticket.seq)


def _undo_button(reassignment: BulkReassignment, where: str) -> Element:
    return blocks.button("Undo", Button.UNDO_REASSIGNMENT, f"{reassignment.id}.{where}", spoken="Undo the move")


def _receivers_sentence(moves: Sequence[CompletedMove]) -> str:
    to = Counter(one.to for one in moves)
    shares = sorted(to.items(), key=lambda one: (one[0] is None, one[0]))
    parts = [f"{many} to {mention(who)}" for who, many in shares]
    return ", ".join(part.replace("to nobody", "to nobody yet") for part in parts)


def _workload_text(tickets: int, minutes: float) -> str:
    return f"{_ticket_count(tickets)}, {minutes:.0f} min"


def _ticket_count(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count} tickets"


def _ticket_numbers(numbers: Sequence[int], most: int = 30) -> str:
    return blocks.join_limited([f"#{number}" for number in numbers], most)
