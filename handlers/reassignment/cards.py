"""A basket as it is drawn before it is moved, as it is told to everybody, and as it is taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.presence.cards.presence import where
from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    form,
    line,
    moment,
    person,
    pick_people,
    pick_person,
    section,
    select,
)
from handlers.slack.blocks import field as input_
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.timeline import because
from rules.model.people import LEVEL_WORDS
from rules.model.policy import Policy
from rules.model.tickets import PRIORITY_WORDS, STATUS_WORDS, Priority, Status
from rules.presence.presence import REACHABLE
from rules.reassignment import UNDO, WHY_WORDS, Moved, Receiver, Why
from services.reassignment.absence_cover import is_free
from services.reassignment.bulk import MOST, Preview
from storage.events import DESK
from storage.reassignment.bulk import moves_of
from storage.schema.people import Basket
from storage.schema.tickets import Ticket

SHOWN = 20
WORKING = "How many promises will break is being worked out; it comes below."


@dataclass(frozen=True, slots=True)
class Read:
    """A basket as one person reads it; `back` are all moves of which somebody who is back is told."""

    basket: Basket
    role: str
    reader: str
    policy: Policy
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    moves: Sequence[Moved] = ()

    @property
    def mine(self) -> list[Moved]:
        """The tickets that concern the reader."""
        found = list(self.moves or moves_of(self.basket))
        if self.role == "receiver":
            return [one for one in found if one.to == self.reader]
        if self.role == "back":
            return [one for one in found if one.number in self.tickets]
        return found


def preview(drawn: Preview, value: str, policy: Policy, breaches: tuple[float, float] | None) -> Message:
    """Who would get what and have how much then, what goes to the lead, and what that does to promises."""
    asked, many = drawn.asked, len(drawn.plan.moves)
    these = f" ({line(' '.join(asked.wanted.words), 200)})" if asked.wanted.words else ""
    head = f"Move {_many(many)} of {person(asked.giver)}{these}: {_shares(drawn)}."
    content = [section(f"*Move {_many(many)} of {person(asked.giver)}*{these}")]
    content += [section(_receiver(drawn, one, policy)) for one in drawn.receivers]
    content += _left(drawn, policy)
    if drawn.elsewhere:
        content.append(context(f"{_many(drawn.elsewhere)} more are of teams that you do not lead: they stay."))
    content.append(context(WORKING if breaches is None else broken(breaches)))
    drop = button("Cancel", Button.DROP, asked.giver, says="Cancel the move")
    if len(drawn.plan.of(None)) == many:
        return Message(f"{head} Nobody takes any of it, so there is nothing to move.", [*content, actions(drop)])
    go = button("Move", Button.MOVE, value, style="primary", says=f"Move {_many(many)}")
    return Message(head, [*content, actions(go, drop)])


def broken(breaches: tuple[float, float]) -> str:
    """What the move does to promises, from the same luck before and after."""
    before, after = breaches
    return f"Promises expected to break: {before:.1f} as it stands, {after:.1f} after the move."


def changed(words: str, anew: Message | None) -> Message:
    """Nothing was done, why, and how it would be now."""
    return Message(words, [section(f"⚠️ {words}"), *(anew.blocks if anew else [])])


def moved(basket: Basket, policy: Policy) -> Message:
    """The answer to whoever moved it: what went where, and the way back."""
    told = moves_of(basket)
    words = f"✓ Moved {_many(len(told))} of {person(basket.giver)}: {_went(told)}."
    back = _undo(basket, "answer")
    until = context(f"Undo until {moment(basket.at + UNDO)}, for every ticket that nobody has touched by then.")
    return Message(words, [section(words), until, actions(back)])


def undone(back: Sequence[int], kept: Sequence[int], giver: str) -> Message:
    """Which are as they were, and which were touched meanwhile."""
    words = f"✓ Taken back: {_numbers(back)} as before with {person(giver)}."
    if kept:
        words += f" Somebody has worked on {_numbers(kept)} since: there nothing was changed."
    return Message(words, [section(words)])


def card(read: Read) -> Message:
    """The one message that a person gets of it, however many tickets it holds."""
    head, rows = _head(read), _rows(read)
    content = [section(head), *rows]
    if len(read.mine) > SHOWN:
        where_ = "/ticket list unassigned" if read.role == "lead" else "/ticket list"
        content.append(context(f"and {len(read.mine) - SHOWN} more: `{where_}`"))
    if read.basket.undone_at is not None:
        content.append(section(f"✗ Taken back by {person(read.basket.undone_by)} {moment(read.basket.undone_at)}."))
    elif presses := _presses(read):
        content.append(actions(*presses))
    return Message(head, content)


def move_form(policy: Policy, giver: str, words: str, about: str) -> dict[str, Any]:
    """Whose tickets, to whom, and which of them; what would come of it is shown before anything is moved."""
    types = [(kind.name, key) for key, kind in policy.types.items()]
    urgencies = [(PRIORITY_WORDS[one], str(one)) for one in Priority]
    menus = {"type": types, "priority": urgencies, "time": [("Overdue", "overdue"), ("Near their time", "near")]}
    content = [
        input_("From", pick_person("giver", chosen=giver or None)),
        input_("To", pick_people("receivers", most=MOST), hint="They share the tickets by what each still takes."),
    ]
    for name, options in menus.items():
        if options:
            menu = select(name, options, chosen=_chosen(words, options), placeholder="All")
            content.append(input_(name.capitalize(), menu, optional=True))
    return form(Form.BASKET, "Move tickets", content, submit="Show", about=about)


def _chosen(words: str, options: Sequence[tuple[str, str]]) -> str | None:
    said = words.casefold().split()
    return next((value for _, value in options if value.casefold() in said), None)


def _shares(drawn: Preview) -> str:
    parts = [f"{len(drawn.plan.of(one.person))} to {person(one.person)}" for one in drawn.receivers]
    left = len(drawn.plan.of(None))
    return ", ".join([*parts, *([f"{left} to the lead"] if left else [])])


def _receiver(drawn: Preview, one: Receiver, policy: Policy) -> str:
    mine = [drawn.items[move.number] for move in drawn.plan.of(one.person)]
    here = drawn.here[one.person]
    off = f": {where(one.person, here, policy)}" if here.here not in REACHABLE else ""
    if not one.here:
        return f"{person(one.person)} gets nothing{off}"
    if not mine:
        room = ", and has no room" if one.room == 0 else ""
        return f"{person(one.person)} gets nothing{room}: has {_load(one.tickets, one.minutes)}"
    more = sum(item.minutes for item in mine)
    then = _load(one.tickets + len(mine), one.minutes + more)
    kinds = Counter(item.type for item in mine)
    fit = ", ".join(_fit(drawn, one.person, kind, many, policy) for kind, many in sorted(kinds.items())[:10])
    return f"{person(one.person)} gets *{_load(len(mine), more)}*, would have {then}{off}\n{fit}"


def _fit(drawn: Preview, who: str, kind: str, many: int, policy: Policy) -> str:
    level = drawn.known.level(who, kind)
    knows = f" ({LEVEL_WORDS[level]})" if level is not None else ""
    return f"{line(policy.type(kind).name, 80)} {many}{knows}"


def _left(drawn: Preview, policy: Policy) -> list[Block]:
    left = drawn.plan.of(None)
    if not left:
        return []
    rows = [f"• {WHY_WORDS[why]}: {_numbers([one.number for one in left if one.why is why])}" for why in _whys(left)]
    teams = dict.fromkeys(drawn.teams[one.number] for one in left)
    leads = dict.fromkeys(lead for team in teams for lead in policy.team(team).leads)
    whose = ", ".join(map(person, list(leads)[:5])) or "the managers"
    return [section("\n".join([f"*{_many(len(left))}* would be nobody's, and {whose} would be told:", *rows]))]


def _whys(left: Sequence[Any]) -> list[Why]:
    return [why for why in Why if any(one.why is why for one in left)]


def _head(read: Read) -> str:
    basket, many = read.basket, len(read.mine)
    who = "Baton" if basket.by == DESK else person(basket.by)
    giver = person(basket.giver)
    reason = because(basket.moves | {"why": basket.why}, read.policy, basket.giver, basket.at)
    if read.role == "receiver":
        return f"{who} moved {_many(many)} of {giver} to you{reason}"
    if read.role == "giver":
        return f"{who} moved {_many(many)} of yours: {_went(read.mine)}"
    if read.role == "back":
        return f"Welcome back. {_many(len(read.moves))} of yours went to others meanwhile; still open: {many}"
    return f"{who} moved {_many(many)} of {giver}{reason}. {_went(read.mine)}"


def _rows(read: Read) -> list[Block]:
    """Each ticket with what can be done about it; what nobody has comes first, with the reason."""
    ordered = sorted(read.mine, key=lambda one: (one.to is not None, one.number))
    return [block for one in ordered[:SHOWN] if one.number in read.tickets for block in _row(read, one)]


def _row(read: Read, one: Moved) -> list[Block]:
    ticket = read.tickets[one.number]
    stands = STATUS_WORDS[ticket.status]
    whose = "" if read.role == "receiver" else f" · with {person(ticket.assignee)}"
    why = f" · {WHY_WORDS[one.why]}" if one.why is not None and ticket.assignee is None else ""
    kind = line(read.policy.type(ticket.type).name, 80)
    words = f"{ticket_cards.heading(ticket)}\n{ticket_cards.priority(ticket.priority)} · {kind} · {stands}{whose}{why}"
    if read.role == "receiver" and ticket.assignee == read.reader and ticket.status is Status.ASSIGNED:
        return [section(words), actions(*_answers(one.number))]
    return [section(words, accessory=_press(read, one, ticket))]


def _answers(number: int) -> list[Element]:
    """What whoever was offered it can answer, as on an offer's own card."""
    return [
        button("Start", Button.START, number, style="primary", says=f"Start ticket {number}"),
        button("Pass…", Button.PASS, number, says=f"Pass ticket {number} on"),
        button("Open", Button.OPEN, number, says=f"Open ticket {number}"),
    ]


def _press(read: Read, one: Moved, ticket: Ticket) -> Element:
    if read.role == "lead" and ticket.assignee is None and ticket.resolved_at is None:
        return button("Assign…", Button.ASSIGN, one.number, says=f"Assign ticket {one.number}")
    return button("Open", Button.OPEN, one.number, says=f"Open ticket {one.number}")


def _presses(read: Read) -> list[Element]:
    if read.role == "lead" and read.basket.by in (DESK, read.basket.giver):
        return [_undo(read.basket, "lead")]
    if read.role == "back" and any(_could_be_back(read, one) for one in read.mine):
        return [button("Take back", Button.TAKE_BACK, read.basket.id, style="primary", says="Take my tickets back")]
    return []


def _could_be_back(read: Read, one: Moved) -> bool:
    ticket = read.tickets[one.number]
    return ticket.assignee != read.reader and is_free(one, ticket.status, ticket.seq)


def _undo(basket: Basket, where: str) -> Element:
    return button("Undo", Button.UNDO, f"{basket.id}.{where}", says="Undo the move")


def _went(told: Sequence[Moved]) -> str:
    to = Counter(one.to for one in told)
    parts = [f"{many} to {person(who)}" for who, many in sorted(to.items(), key=lambda one: (one[0] is None, one[0]))]
    return ", ".join(part.replace("to nobody", "to nobody yet") for part in parts)


def _load(tickets: int, minutes: float) -> str:
    return f"{_many(tickets)}, {minutes:.0f} min"


def _many(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count} tickets"


def _numbers(numbers: Sequence[int], most: int = 30) -> str:
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(f"#{number}" for number in numbers[:most]) + more
