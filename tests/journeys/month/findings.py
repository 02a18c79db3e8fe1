"""The month as its events tell it, held against who was away when; each finding is a sentence."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from storage.events import DESK_ACTOR
from storage.schema.tickets import Escalation, Event, Ticket
from tests.journeys.month.leaves import Absences, Leave
from tests.journeys.month.world import EQUALS, MINUTES, TICK, WORLD, lead_of, patience_of, wall_of, workers_of
from tests.journeys.year.wall import MINUTE, moment, stamp

DONE = ("resolved", "closed")
WAITS = ("waiting", "escalated")
ENDS = ("accepted", "rejected", "redirected", "withdrawn")
SKILLED = {"vault": ("U0EMMA",)}  # types that not everybody may have
Lives = Sequence[tuple[Ticket, Sequence[Event]]]


@dataclass(frozen=True, slots=True)
class Stay:
    """A ticket with one person, on the desk of one team. `by_hand` where somebody put it back with them, or gave it to
    them knowing that they are on leave, and nobody touched it since: a lead's hand wins."""

    number: int
    person: str
    team: str
    start: int
    end: int
    by_hand: bool


def stays(lives: Lives, absences: Absences, until: int) -> Iterator[list[Stay]]:
    """For each ticket whose hands it was in, one after another; while it was open."""
    for ticket, history in lives:
        ends = [stamp(event.at) for event in history[1:]]
        yield [
            Stay(ticket.number, event.assignee, event.team, stamp(event.at), end, _by_hand(event, absences))
            for event, end in zip(history, [*ends, until], strict=True)
            if event.assignee is not None and event.status not in DONE
        ]


def _by_hand(event: Event, absences: Absences) -> bool:
    given = (
        event.kind == "assigned" and event.by != DESK_ACTOR and absences.on_leave(event.assignee or "", stamp(event.at))
    )
    return given or event.data.get("did") == "undone"


def sat_too_long(lives: Lives, absences: Absences, until: int) -> Iterator[str]:
    """A ticket that waited for somebody who was away for longer than its team waits, and one interval of the job more.

    Counted in the open time of its team, from when they left or it came to them, until they were back at work or it was
    somebody else's. What a lead's hand left with them stays until somebody touches it.
    """
    for spells in stays(lives, absences, until):
        sat, before = 0, ""
        for stay in spells:
            sat, before = 0 if stay.person != before or stay.by_hand else sat, stay.person
            wall, most = wall_of(stay.team), patience_of(stay.team) + TICK
            for start, end, away in absences.turns(stay.person, stay.start, stay.end) if not stay.by_hand else ():
                passed = wall.between(start, end)
                sat = sat + passed if away else 0 if passed else sat
                if sat > most:
                    yield f"#{stay.number} waited for {stay.person} until {moment(end)}: {sat // MINUTE} open minutes"
                    break


def was_waited_for(lives: Lives, absences: Absences, until: int) -> Iterator[str]:
    """A ticket that stayed for more than one interval of the job with somebody of whom it was known that they would be
    away for longer than its team waits."""
    by_person: dict[str, list[Leave]] = defaultdict(list)
    for leave in absences.entered:
        by_person[leave.person].append(leave)
    for spells in stays(lives, absences, until):
        for stay in _joined(spells):
            wall = wall_of(stay.team)
            for leave in by_person[stay.person] if not stay.by_hand else ():
                known = max(stay.start, leave.begins, leave.typed)
                stayed = wall.between(known, min(stay.end, leave.over))
                if (leave.gone or wall.between(known, leave.over) > patience_of(stay.team)) and stayed > TICK:
                    yield f"#{stay.number} was left with {stay.person} for {stayed // MINUTE} minutes of {leave}"


def left_lying(lives: Lives, absences: Absences, told: Collection[tuple[str, str]]) -> Iterator[str]:
    """What the desk took from somebody and gave to nobody, though a colleague could have had it, or though nobody who
    leads and is there was told (`told`: the basket and who read of it)."""
    holding = Holding(lives)
    for ticket, history in lives:
        for event in history:
            if event.kind != "handed" or event.by != DESK_ACTOR or event.assignee is not None:
                continue
            at = stamp(event.at)
            free = [who for who in workers_of(event.team) if _could(who, ticket, at, absences, holding)]
            if free and event.data["from"] not in free:
                yield f"#{ticket.number} was given to nobody at {event.at}, and {free[0]} could have had it"
            if not any((event.data["basket"], who) in told for who in _who_leads(event.team, at, absences)):
                yield f"nobody who leads {event.team} was told at {event.at} that #{ticket.number} is with nobody"


class Holding:
    """How many tickets each of them had at hand at any moment; what waits for others does not count."""

    def __init__(self, lives: Lives) -> None:
        self._spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for _, history in lives:
            ends = [stamp(event.at) for event in history[1:]]
            for event, end in zip(history, [*ends, 1 << 60], strict=True):
                if event.assignee and event.status not in (*DONE, *WAITS):
                    self._spans[event.assignee].append((stamp(event.at), end))

    def at(self, person: str, at: int) -> int:
        return sum(start <= at < end for start, end in self._spans[person])


def _could(who: str, ticket: Ticket, at: int, absences: Absences, holding: Holding) -> bool:
    own, team = WORLD["people"].get(who, {}), WORLD["teams"][ticket.first_line]
    limits = [one["capacity"] for one in (own, team) if "capacity" in one and who in workers_of(ticket.first_line)]
    room = not limits or holding.at(who, at) < min(limits)
    return absences.here(who, at) and who in SKILLED.get(ticket.type, (who,)) and room


def _who_leads(team: str, at: int, absences: Absences) -> list[str]:
    """The lead who is there, else their deputy, else the deputy's own; the managers where all of them are away."""
    who = lead_of(team)
    while who and absences.away(who, at):
        who = WORLD["people"].get(who, {}).get("deputy", "")
    return [who] if who else list(WORLD["managers"])


def minutes_given(lives: Lives, team: str) -> dict[str, int]:
    """The work that the desk itself gave to each of the team's equals: every ticket counts for whom it gave it last."""
    given = dict.fromkeys(EQUALS[team], 0)
    for ticket, history in lives:
        gifts = [event for event in history if event.by == DESK_ACTOR and event.kind in ("assigned", "handed")]
        last = gifts[-1].assignee if gifts else None
        if last in given:
            given[last] += MINUTES[ticket.type]
    return given


def unfairness(given: dict[str, int]) -> float:
    """The farthest that anybody is from the mean, as a share of it."""
    mean = sum(given.values()) / len(given)
    return max(abs(minutes - mean) for minutes in given.values()) / mean


def not_decided_once(lives: Lives, escalations: Sequence[Escalation]) -> Iterator[str]:
    """Every round that was asked was ended by one event and no other, and its row says the same; only the last of a
    ticket may still wait."""
    rows = {(row.number, row.round): row for row in escalations}
    for ticket, history in lives:
        asked = sum(event.kind in ("escalated", "redirected") for event in history)
        ends: dict[int, list[Event]] = defaultdict(list)
        for event in history:
            if event.kind in ENDS or "withdrew" in event.data:
                ends[int(event.data.get("withdrew", event.data.get("round", 0)))].append(event)
        if set(ends) - set(range(1, asked + 1)):
            yield f"#{ticket.number} was decided in rounds {sorted(ends)}, and asked {asked} times"
        for round_ in range(1, asked + 1):
            row = rows.get((ticket.number, round_))
            told = [(event.by, "withdrawn" if "withdrew" in event.data else event.kind) for event in ends[round_]]
            stands = [] if row is None or row.decided_by is None else [(row.decided_by, str(row.state))]
            waits = round_ == asked and not told and ticket.status == "escalated"
            if told != stands or (len(told) != 1 and not waits):
                yield f"round {round_} of #{ticket.number} was decided by {told}, and its row says {stands}"


def happened(lives: Lives) -> Counter[str]:
    return Counter(event.kind for _, history in lives for event in history)


def _joined(spells: Sequence[Stay]) -> Iterator[Stay]:
    """What follows without a break with the same person and in the same team is one stay."""
    stands: Stay | None = None
    for stay in spells:
        same = stands and (stands.person, stands.team, stands.end) == (stay.person, stay.team, stay.start)
        if stands and same and not (stands.by_hand or stay.by_hand):
            stands = Stay(stay.number, stay.person, stay.team, stands.start, stay.end, by_hand=False)
            continue
        if stands:
            yield stands
        stands = stay
    if stands:
        yield stands
