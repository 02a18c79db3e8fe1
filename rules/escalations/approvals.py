"""Who decides an escalation: the first who answers, all of them, or one after another; and who stands in for whom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rules.errors import Refused
from rules.model.approval import ApprovalMode, ApprovalRule
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus


class ApproverAnswer(StrEnum):
    """What one approver said, or that their time ran out and somebody else is asked."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PASSED_OVER = "passed_over"


@dataclass(frozen=True, slots=True)
class Approver:
    """One who has to accept: `person` is meant, `asked` answers for them; None while it is not their turn."""

    position: int
    person: str
    asked_person: str | None = None
    answer: ApproverAnswer | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Whom to ask for a seat, and from when on: at once, or when their day begins."""

    person: str
    at: datetime


class NotYourTurn(Refused):
    """Somebody else is to decide now; the sentence says who."""

    def __init__(self, waiting: Sequence[Approver]) -> None:
        who = " and ".join(f"<@{seat.asked_person or seat.person}>" for seat in waiting)
        super().__init__(f"This waits for {who}: they decide now.")


class AlreadyAnswered(Refused):
    """The person has accepted for their part; others are still asked."""

    def __init__(self, waiting: Sequence[Approver]) -> None:
        who = " and ".join(f"<@{seat.asked_person or seat.person}>" for seat in waiting)
        super().__init__(f"You have accepted it already; it waits for {who}.")


def required_approvers(rule: ApprovalRule, *, experts: Sequence[str], leads: Sequence[str]) -> tuple[Approver, ...]:
    """Whose yes is needed, in their order; none where the first of the team decides, or where there is nobody."""
    if rule.lead_decides:
        people = leads[:1]
    elif rule.mode is ApprovalMode.ANY:
        people = ()
    else:
        people = [one for one in rule.approvers if one in (*experts, *leads)] or experts
    return tuple(Approver(place, person) for place, person in enumerate(dict.fromkeys(people), start=1))


def pending_approvers(mode: ApprovalMode, approvers: Sequence[Approver]) -> tuple[Approver, ...]:
    """Those who are to answer now: the first in order who has not, or all who have not."""
    waiting = tuple(seat for seat in approvers if seat.answer is None)
    return waiting[:1] if mode is ApprovalMode.IN_ORDER else waiting


def approval_outcome(approvers: Sequence[Approver]) -> ApproverAnswer | None:
    """One rejection rejects; accepted when nobody is left to answer and one at least has accepted. None: it waits."""
    answers = {seat.answer for seat in approvers}
    if ApproverAnswer.REJECTED in answers:
        return ApproverAnswer.REJECTED
    if None in answers or ApproverAnswer.ACCEPTED not in answers:
        return None
    return ApproverAnswer.ACCEPTED


def record_answer(
    mode: ApprovalMode, approvers: Sequence[Approver], *, by: str, answer: ApproverAnswer
) -> tuple[Approver, ...]:
    """Their seats with the answer; who stands in for two answers for both. Refused where others are to decide now.

    Whoever is back answers for themselves, also while somebody is asked in their place.
    """
    now = pending_approvers(mode, approvers)
    theirs = {seat.position for seat in now if by in (seat.asked_person, seat.person)}
    if not theirs:
        raise AlreadyAnswered(now) if any(_has_answered(seat, by) for seat in approvers) else NotYourTurn(now)
    return tuple(replace(seat, answer=answer) if seat.position in theirs else seat for seat in approvers)


def pass_over_pending(
    mode: ApprovalMode, approvers: Sequence[Approver], *, leads: Sequence[str]
) -> tuple[Approver, ...]:
    """Those who let their time run out are passed over: the next in order is asked, after the last one the lead.

    The same seats where none of `leads` is left: then they are asked until somebody answers.
    """
    late = {seat.position for seat in pending_approvers(mode, approvers)}
    lead = next((one for one in leads if not any(seat.person == one for seat in approvers)), None)
    over = tuple(
        replace(seat, answer=ApproverAnswer.PASSED_OVER) if seat.position in late else seat for seat in approvers
    )
    if pending_approvers(mode, over):
        return over
    return (*over, Approver(len(approvers) + 1, lead)) if lead and late else tuple(approvers)


def choose_respondent(
    person: str,
    presences: Mapping[str, Presence],
    *,
    deputy: str,
    leads: Sequence[str],
    managers: Sequence[str] = (),
    now: datetime,
) -> ApprovalRequest:
    """Who answers for that person now.

    1. The person, while at work, on a break or busy. 2. Off work: a deputy who is here, else the person when their day
    begins. 3. Away or gone: the deputy, else a lead, each at once or when their day begins; a deputy or lead who is
    away too is passed by. 4. Where all of them are away, a manager in the same way. 5. Where nobody else is left, the
    person, when they are back.
    """
    where = presences.get(person, Presence(PresenceStatus.AT_WORK))
    if where.status in REACHABLE_STATUSES:
        return ApprovalRequest(person, now)
    if where.status is PresenceStatus.OFF:
        return _first_with_status([deputy], presences, now, REACHABLE_STATUSES) or ApprovalRequest(
            person, where.until or now
        )
    for others in ([deputy, *leads], managers):
        some = [one for one in others if one != person]
        ask = _first_with_status(some, presences, now, REACHABLE_STATUSES) or _first_with_status(
            some, presences, now, {PresenceStatus.OFF}
        )
        if ask is not None:
            return ask
    return ApprovalRequest(person, where.until or now)


def _first_with_status(
    people: Sequence[str], presences: Mapping[str, Presence], now: datetime, statuses: Collection[PresenceStatus]
) -> ApprovalRequest | None:
    """The first of them who is there, asked at once, or when their day begins where they are off work."""
    one = next((one for one in people if one in presences and presences[one].status in statuses), None)
    if one is None:
        return None
    return ApprovalRequest(one, now if presences[one].status in REACHABLE_STATUSES else presences[one].until or now)


def _has_answered(approver: Approver, by: str) -> bool:
    return approver.answer in (ApproverAnswer.ACCEPTED, ApproverAnswer.REJECTED) and by in (
        approver.asked_person,
        approver.person,
    )
