"""Who decides an escalation: the first who answers, all of them, or one after another; and who stands in for whom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rules.errors import DeskError
from rules.model.approval import Approval, Approving
from rules.presence.presence import REACHABLE, Here, Presence


class Answer(StrEnum):
    """What one approver said, or that their time ran out and somebody else is asked."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PASSED_OVER = "passed_over"


@dataclass(frozen=True, slots=True)
class Seat:
    """One who has to accept: `person` is meant, `asked` answers for them; None while it is not their turn."""

    place: int
    person: str
    asked: str | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Whom to ask for a seat, and from when on: at once, or when their day begins."""

    person: str
    at: datetime


class NotYourTurn(DeskError):
    """Somebody else is to decide now; the sentence says who."""

    def __init__(self, waiting: Sequence[Seat]) -> None:
        who = " and ".join(f"<@{seat.asked or seat.person}>" for seat in waiting)
        super().__init__(f"This waits for {who}: they decide now.")


class AlreadySaid(DeskError):
    """The person has accepted for their part; others are still asked."""

    def __init__(self, waiting: Sequence[Seat]) -> None:
        who = " and ".join(f"<@{seat.asked or seat.person}>" for seat in waiting)
        super().__init__(f"You have accepted it already; it waits for {who}.")


def seats(approval: Approval, *, experts: Sequence[str], leads: Sequence[str]) -> tuple[Seat, ...]:
    """Whose yes is needed, in their order; none where the first of the team decides, or where there is nobody."""
    if approval.lead_decides:
        people = leads[:1]
    elif approval.approving is Approving.ANY:
        people = ()
    else:
        people = [one for one in approval.approvers if one in (*experts, *leads)] or experts
    return tuple(Seat(place, person) for place, person in enumerate(dict.fromkeys(people), start=1))


def turn(approving: Approving, sitting: Sequence[Seat]) -> tuple[Seat, ...]:
    """Those who are to answer now: the first in order who has not, or all who have not."""
    waiting = tuple(seat for seat in sitting if seat.answer is None)
    return waiting[:1] if approving is Approving.IN_ORDER else waiting


def outcome(sitting: Sequence[Seat]) -> Answer | None:
    """One rejection rejects; accepted when nobody is left to answer and one at least has accepted. None: it waits."""
    answers = {seat.answer for seat in sitting}
    if Answer.REJECTED in answers:
        return Answer.REJECTED
    if None in answers or Answer.ACCEPTED not in answers:
        return None
    return Answer.ACCEPTED


def answered(approving: Approving, sitting: Sequence[Seat], *, by: str, answer: Answer) -> tuple[Seat, ...]:
    """Their seats with the answer; who stands in for two answers for both. Refused where others are to decide now.

    Whoever is back answers for themselves, also while somebody is asked in their place.
    """
    now = turn(approving, sitting)
    theirs = {seat.place for seat in now if by in (seat.asked, seat.person)}
    if not theirs:
        raise AlreadySaid(now) if any(_said(seat, by) for seat in sitting) else NotYourTurn(now)
    return tuple(replace(seat, answer=answer) if seat.place in theirs else seat for seat in sitting)


def passed_over(approving: Approving, sitting: Sequence[Seat], *, leads: Sequence[str]) -> tuple[Seat, ...]:
    """Those who let their time run out are passed over: the next in order is asked, after the last one the lead.

    The same seats where none of `leads` is left: then they are asked until somebody answers.
    """
    late = {seat.place for seat in turn(approving, sitting)}
    lead = next((one for one in leads if not any(seat.person == one for seat in sitting)), None)
    over = tuple(replace(seat, answer=Answer.PASSED_OVER) if seat.place in late else seat for seat in sitting)
    if turn(approving, over):
        return over
    return (*over, Seat(len(sitting) + 1, lead)) if lead and late else tuple(sitting)


def whom_to_ask(
    person: str,
    here: Mapping[str, Presence],
    *,
    deputy: str,
    leads: Sequence[str],
    managers: Sequence[str] = (),
    now: datetime,
) -> Ask:
    """Who answers for that person now.

    1. The person, while at work, on a break or busy. 2. Off work: a deputy who is here, else the person when their day
    begins. 3. Away or gone: the deputy, else a lead, each at once or when their day begins; a deputy or lead who is
    away too is passed by. 4. Where all of them are away, a manager in the same way. 5. Where nobody else is left, the
    person, when they are back.
    """
    where = here.get(person, Presence(Here.AT_WORK))
    if where.here in REACHABLE:
        return Ask(person, now)
    if where.here is Here.OFF:
        return _first_there([deputy], here, now, REACHABLE) or Ask(person, where.until or now)
    for others in ([deputy, *leads], managers):
        some = [one for one in others if one != person]
        ask = _first_there(some, here, now, REACHABLE) or _first_there(some, here, now, {Here.OFF})
        if ask is not None:
            return ask
    return Ask(person, where.until or now)


def _first_there(
    people: Sequence[str], here: Mapping[str, Presence], now: datetime, where: Collection[Here]
) -> Ask | None:
    """The first of them who is there, asked at once, or when their day begins where they are off work."""
    one = next((one for one in people if one in here and here[one].here in where), None)
    if one is None:
        return None
    return Ask(one, now if here[one].here in REACHABLE else here[one].until or now)


def _said(seat: Seat, by: str) -> bool:
    return seat.answer in (Answer.ACCEPTED, Answer.REJECTED) and by in (seat.asked, seat.person)
