"""A basket as it is drawn before it is moved, as it is told to everybody, and as it is taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.presence.cards.presence import presence_text
from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    escape_line,
    form_modal,
    local_time,
    mention,
    section,
    select,
    user_multi_select,
    user_select,
)
from handlers.slack.blocks import input_field as input_
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.timeline import reassignment_reason
from rules.model.people import SKILL_LEVEL_TEXTS
from rules.model.policy import Policy
from rules.model.tickets import PRIORITY_LABELS, STATUS_LABELS, Priority, Status
from rules.presence.presence import REACHABLE_STATUSES
from rules.reassignment import NO_RECEIVER_TEXTS, UNDO_PERIOD, CompletedMove, NoReceiverReason, PlannedMove, Receiver
from services.reassignment.absence_cover import is_untouched
from services.reassignment.bulk import MAX_RECEIVERS, Preview
from storage.events import DESK_ACTOR
from storage.reassignment.bulk import ticket_moves
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Ticket

TICKETS_SHOWN = 20
CALCULATING_TEXT = "How many promises will break is being worked out; it comes below."


@dataclass(frozen=True, slots=True)
class ReassignmentView:
    """A basket as one person reads it; `back` are all moves of which somebody who is back is told."""

    reassignment: BulkReassignment
    role: str
    viewer: str
    policy: Policy
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    moves: Sequence[CompletedMove] = ()

    @property
    def own_moves(self) -> list[CompletedMove]:
        """The tickets that concern the reader."""
        found = list(self.moves or ticket_moves(self.reassignment))
        if self.role == "receiver":
            return [one for one in found if one.to == self.viewer]
        if self.role == "back":
            return [one for one in found if one.number in self.tickets]
        return found


def preview_message(drawn: Preview, value: str, policy: Policy, breaches: tuple[float, float] | None) -> Message:
    """Who would get what and have how much then, what goes to the lead, and what that does to promises."""
    asked, many = drawn.request, len(drawn.plan.moves)
    these = f" ({escape_line(' '.join(asked.wanted.typed_words), 200)})" if asked.wanted.typed_words else ""
    head = f"Move {_ticket_count(many)} of {mention(asked.giver)}{these}: {_shares_text(drawn)}."
    content = [section(f"*Move {_ticket_count(many)} of {mention(asked.giver)}*{these}")]
    content += [section(_receiver_text(drawn, one, policy)) for one in drawn.receivers]
    content += _unassigned_section(drawn, policy)
    if drawn.not_allowed_count:
        content.append(
            context(f"{_ticket_count(drawn.not_allowed_count)} more are of teams that you do not lead: they stay.")
        )
    content.append(context(CALCULATING_TEXT if breaches is None else breaches_text(breaches)))
    drop = button("Cancel", Button.CANCEL_REASSIGNMENT, asked.giver, spoken="Cancel the move")
    if len(drawn.plan.moves_to(None)) == many:
        return Message(f"{head} Nobody takes any of it, so there is nothing to move.", [*content, actions(drop)])
    go = button("Move", Button.BULK_REASSIGN, value, style="primary", spoken=f"Move {_ticket_count(many)}")
    return Message(head, [*content, actions(go, drop)])


def breaches_text(breaches: tuple[float, float]) -> str:
    """What the move does to promises, from the same luck before and after."""
    before, after = breaches
    return f"Promises expected to break: {before:.1f} as it stands, {after:.1f} after the move."


def outdated_preview(words: str, anew: Message | None) -> Message:
    """Nothing was done, why, and how it would be now."""
    return Message(words, [section(f"⚠️ {words}"), *(anew.blocks if anew else [])])


def tickets_moved(basket: BulkReassignment, policy: Policy) -> Message:
    """The answer to whoever moved it: what went where, and the way back."""
    told = ticket_moves(basket)
    words = f"✓ Moved {_ticket_count(len(told))} of {mention(basket.giver)}: {_receivers_sentence(told)}."
    back = _undo_button(basket, "answer")
    until = context(
        f"Undo until {local_time(basket.at + UNDO_PERIOD)}, for every ticket that nobody has touched by then."
    )
    return Message(words, [section(words), until, actions(back)])


def move_undone(back: Sequence[int], kept: Sequence[int], giver: str) -> Message:
    """Which are as they were, and which were touched meanwhile."""
    words = f"✓ Taken back: {_ticket_numbers(back)} as before with {mention(giver)}."
    if kept:
        words += f" Somebody has worked on {_ticket_numbers(kept)} since: there nothing was changed."
    return Message(words, [section(words)])


def reassignment_card(view: ReassignmentView) -> Message:
    """The one message that a person gets of it, however many tickets it holds."""
    head, rows = _headline(view), _ticket_rows(view)
    content = [section(head), *rows]
    if len(view.own_moves) > TICKETS_SHOWN:
        where_ = "/ticket list unassigned" if view.role == "lead" else "/ticket list"
        content.append(context(f"and {len(view.own_moves) - TICKETS_SHOWN} more: `{where_}`"))
    if view.reassignment.undone_at is not None:
        content.append(
            section(
                f"✗ Taken back by {mention(view.reassignment.undone_by)} {local_time(view.reassignment.undone_at)}."
            )
        )
    elif presses := _card_buttons(view):
        content.append(actions(*presses))
    return Message(head, content)


def reassignment_form(policy: Policy, giver: str, words: str, about: str) -> dict[str, Any]:
    """Whose tickets, to whom, and which of them; what would come of it is shown before anything is moved."""
    types = [(kind.name, key) for key, kind in policy.types.items()]
    urgencies = [(PRIORITY_LABELS[one], str(one)) for one in Priority]
    menus = {"type": types, "priority": urgencies, "time": [("Overdue", "overdue"), ("Near their time", "near")]}
    content = [
        input_("From", user_select("giver", chosen=giver or None)),
        input_(
            "To",
            user_multi_select("receivers", limit=MAX_RECEIVERS),
            hint="They share the tickets by what each still takes.",
        ),
    ]
    for name, options in menus.items():
        if options:
            menu = select(name, options, chosen=_initial_value(words, options), placeholder="All")
            content.append(input_(name.capitalize(), menu, optional=True))
    return form_modal(Form.BULK_REASSIGNMENT, "Move tickets", content, submit="Show", metadata=about)


def _initial_value(words: str, options: Sequence[tuple[str, str]]) -> str | None:
    said = words.casefold().split()
    return next((value for _, value in options if value.casefold() in said), None)


def _shares_text(drawn: Preview) -> str:
    parts = [f"{len(drawn.plan.moves_to(one.person))} to {mention(one.person)}" for one in drawn.receivers]
    left = len(drawn.plan.moves_to(None))
    return ", ".join([*parts, *([f"{left} to the lead"] if left else [])])


def _receiver_text(drawn: Preview, one: Receiver, policy: Policy) -> str:
    mine = [drawn.items[move.number] for move in drawn.plan.moves_to(one.person)]
    here = drawn.presences[one.person]
    off = f": {presence_text(one.person, here, policy)}" if here.status not in REACHABLE_STATUSES else ""
    if not one.is_here:
        return f"{mention(one.person)} gets nothing{off}"
    if not mine:
        room = ", and has no room" if one.free_slots == 0 else ""
        return f"{mention(one.person)} gets nothing{room}: has {_workload_text(one.tickets, one.minutes)}"
    more = sum(item.minutes for item in mine)
    then = _workload_text(one.tickets + len(mine), one.minutes + more)
    kinds = Counter(item.type for item in mine)
    fit = ", ".join(_type_text(drawn, one.person, kind, many, policy) for kind, many in sorted(kinds.items())[:10])
    return f"{mention(one.person)} gets *{_workload_text(len(mine), more)}*, would have {then}{off}\n{fit}"


def _type_text(drawn: Preview, who: str, kind: str, many: int, policy: Policy) -> str:
    level = drawn.skills.level_of(who, kind)
    knows = f" ({SKILL_LEVEL_TEXTS[level]})" if level is not None else ""
    return f"{escape_line(policy.type(kind).name, 80)} {many}{knows}"


def _unassigned_section(drawn: Preview, policy: Policy) -> list[Block]:
    left = drawn.plan.moves_to(None)
    if not left:
        return []
    rows = [
        f"• {NO_RECEIVER_TEXTS[why]}: {_ticket_numbers([one.number for one in left if one.reason is why])}"
        for why in _reasons_in_order(left)
    ]
    teams = dict.fromkeys(drawn.teams[one.number] for one in left)
    leads = dict.fromkeys(lead for team in teams for lead in policy.team(team).leads)
    whose = ", ".join(map(mention, list(leads)[:5])) or "the managers"
    return [section("\n".join([f"*{_ticket_count(len(left))}* would be nobody's, and {whose} would be told:", *rows]))]


def _reasons_in_order(left: Sequence[PlannedMove]) -> list[NoReceiverReason]:
    return [why for why in NoReceiverReason if any(one.reason is why for one in left)]


def _headline(view: ReassignmentView) -> str:
    basket, many = view.reassignment, len(view.own_moves)
    who = "Baton" if basket.by == DESK_ACTOR else mention(basket.by)
    giver = mention(basket.giver)
    reason = reassignment_reason(basket.moves | {"why": basket.why}, view.policy, basket.giver, basket.at)
    if view.role == "receiver":
        return f"{who} moved {_ticket_count(many)} of {giver} to you{reason}"
    if view.role == "giver":
        return f"{who} moved {_ticket_count(many)} of yours: {_receivers_sentence(view.own_moves)}"
    if view.role == "back":
        return f"Welcome back. {_ticket_count(len(view.moves))} of yours went to others meanwhile; still open: {many}"
    return f"{who} moved {_ticket_count(many)} of {giver}{reason}. {_receivers_sentence(view.own_moves)}"


def _ticket_rows(view: ReassignmentView) -> list[Block]:
    """Each ticket with what can be done about it; what nobody has comes first, with the reason."""
    ordered = sorted(view.own_moves, key=lambda one: (one.to is not None, one.number))
    return [block for one in ordered[:TICKETS_SHOWN] if one.number in view.tickets for block in _ticket_row(view, one)]


def _ticket_row(view: ReassignmentView, one: CompletedMove) -> list[Block]:
    ticket = view.tickets[one.number]
    stands = STATUS_LABELS[ticket.status]
    whose = "" if view.role == "receiver" else f" · with {mention(ticket.assignee)}"
    why = f" · {NO_RECEIVER_TEXTS[one.reason]}" if one.reason is not None and ticket.assignee is None else ""
    kind = escape_line(view.policy.type(ticket.type).name, 80)
    words = (
        f"{ticket_cards.ticket_heading(ticket)}\n{ticket_cards.priority_text(ticket.priority)} · {kind} · "
        f"{stands}{whose}{why}"
    )
    if view.role == "receiver" and ticket.assignee == view.viewer and ticket.status is Status.ASSIGNED:
        return [section(words), actions(*_assignment_buttons(one.number))]
    return [section(words, accessory=_ticket_button(view, one, ticket))]


def _assignment_buttons(number: int) -> list[Element]:
    """What whoever was offered it can answer, as on an offer's own card."""
    return [
        button("Start", Button.START, number, style="primary", spoken=f"Start ticket {number}"),
        button("Pass…", Button.PASS, number, spoken=f"Pass ticket {number} on"),
        button("Open", Button.OPEN, number, spoken=f"Open ticket {number}"),
    ]


def _ticket_button(view: ReassignmentView, one: CompletedMove, ticket: Ticket) -> Element:
    if view.role == "lead" and ticket.assignee is None and ticket.resolved_at is None:
        return button("Assign…", Button.ASSIGN, one.number, spoken=f"Assign ticket {one.number}")
    return button("Open", Button.OPEN, one.number, spoken=f"Open ticket {one.number}")


def _card_buttons(view: ReassignmentView) -> list[Element]:
    if view.role == "lead" and view.reassignment.by in (DESK_ACTOR, view.reassignment.giver):
        return [_undo_button(view.reassignment, "lead")]
    if view.role == "back" and any(_can_be_taken_back(view, one) for one in view.own_moves):
        return [
            button(
                "Take back",
                Button.RECLAIM_TICKETS,
                view.reassignment.id,
                style="primary",
                spoken="Take my tickets back",
            )
        ]
    return []


def _can_be_taken_back(view: ReassignmentView, one: CompletedMove) -> bool:
    ticket = view.tickets[one.number]
    return ticket.assignee != view.viewer and is_untouched(one, ticket.status, ticket.seq)


def _undo_button(basket: BulkReassignment, where: str) -> Element:
    return button("Undo", Button.UNDO_REASSIGNMENT, f"{basket.id}.{where}", spoken="Undo the move")


def _receivers_sentence(told: Sequence[CompletedMove]) -> str:
    to = Counter(one.to for one in told)
    parts = [f"{many} to {mention(who)}" for who, many in sorted(to.items(), key=lambda one: (one[0] is None, one[0]))]
    return ", ".join(part.replace("to nobody", "to nobody yet") for part in parts)


def _workload_text(tickets: int, minutes: float) -> str:
    return f"{_ticket_count(tickets)}, {minutes:.0f} min"


def _ticket_count(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count} tickets"


def _ticket_numbers(numbers: Sequence[int], most: int = 30) -> str:
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(f"#{number}" for number in numbers[:most]) + more
