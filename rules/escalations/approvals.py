"""Who decides an escalation: the first approver, all of them, or one after another; and who answers for the absent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import product

from rules.errors import Refused
from rules.model.approval import ApprovalMode, ApprovalRule
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus
from rules.text import Text, _, join_people


class ApproverAnswer(StrEnum):
    """One approver's answer, or that their time ran out."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PASSED_OVER = "passed_over"


@dataclass(frozen=True, slots=True)
class Approver:
    """A person whose approval is needed; `asked_person` answers for them, and is None before their turn."""

    position: int
    person: str
    asked_person: str | None = None
    answer: ApproverAnswer | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """The person to ask, and from when on: now, or when their day begins."""

    person: str
    at: datetime


Approvers = tuple[Approver, ...]


class NotYourTurn(Refused):
    """Another approver decides now; the sentence names them."""

    def __init__(self, waiting: Sequence[Approver]) -> None:
        super().__init__(_("It is not your turn to decide: waiting for {people}.", people=_names_of(waiting)))


class AlreadyAnswered(Refused):
    """The person has accepted; other approvers have not answered yet."""

    def __init__(self, waiting: Sequence[Approver]) -> None:
        super().__init__(_("You have already accepted it: waiting for {people}.", people=_names_of(waiting)))


def _names_of(approvers: Sequence[Approver]) -> Text:
    return join_people(approver.asked_person or approver.person for approver in approvers)


def required_approvers(rule: ApprovalRule, *, experts: Sequence[str], leads: Sequence[str]) -> Approvers:
    if rule.lead_decides:
        people = leads[:1]
    elif rule.mode is ApprovalMode.ANY:
        people = ()
    else:
        people = [one for one in rule.approvers if one in (*experts, *leads)] or experts
    return tuple(Approver(position, person) for position, person in enumerate(dict.fromkeys(people), start=1))


def without_asker(approvers: Approvers, asker: str) -> Approvers:
    """Who asked approves nothing of their own where another approver is left."""
    return tuple(approver for approver in approvers if approver.person != asker) or approvers


def pending_approvers(mode: ApprovalMode, approvers: Sequence[Approver]) -> Approvers:
    waiting = tuple(approver for approver in approvers if approver.answer is None)
    return waiting[:1] if mode is ApprovalMode.IN_ORDER else waiting


def approval_outcome(approvers: Sequence[Approver]) -> ApproverAnswer | None:
    """One rejection rejects; accepted when all have answered and one at least accepted. None while undecided."""
    answers = {approver.answer for approver in approvers}
    if ApproverAnswer.REJECTED in answers:
        return ApproverAnswer.REJECTED
    if None in answers or ApproverAnswer.ACCEPTED not in answers:
        return None
    return ApproverAnswer.ACCEPTED


def record_answer(mode: ApprovalMode, approvers: Sequence[Approver], *, by: str, answer: ApproverAnswer) -> Approvers:
    """The approvers with the answer; a stand-in answers for both. Refused when other approvers are to decide now.

    An approver who is back answers for themselves, also while a stand-in is asked.
    """
    pending = pending_approvers(mode, approvers)
    positions = {approver.position for approver in pending if by in (approver.asked_person, approver.person)}
    if not positions:
        if any(_has_answered(approver, by) for approver in approvers):
            raise AlreadyAnswered(pending)
        raise NotYourTurn(pending)
    return tuple(replace(one, answer=answer) if one.position in positions else one for one in approvers)


def pass_over_pending(mode: ApprovalMode, approvers: Sequence[Approver], *, leads: Sequence[str]) -> Approvers:
    """Passes over the approvers whose time ran out: the next in order is asked, after the last one the lead.

    Unchanged where no lead is left: then they are asked until one of them answers.
    """
    late = {approver.position for approver in pending_approvers(mode, approvers)}
    lead = next((person for person in leads if not any(approver.person == person for approver in approvers)), None)
    after = tuple(replace(one, answer=ApproverAnswer.PASSED_OVER) if one.position in late else one for one in approvers)
    if pending_approvers(mode, after):
        return after
    return (*after, Approver(len(approvers) + 1, lead)) if lead and late else tuple(approvers)


def choose_respondent(
    person: str,
    presences: Mapping[str, Presence],
    *,
    deputy: str,
    leads: Sequence[str],
    managers: Sequence[str] = (),
    now: datetime,
) -> ApprovalRequest:
    """Who answers for that approver now.

    1. The approver, while at work, on a break or busy. 2. Off work: a deputy who is here, else the approver when their
    day begins. 3. Away or gone: the deputy, else a lead, each now or when their day begins; absent deputies and leads
    are skipped. 4. Where all of them are absent, a manager in the same way. 5. Else the approver, when they are back.
    """
    presence = presences.get(person, Presence(PresenceStatus.AT_WORK))
    if presence.status in REACHABLE_STATUSES:
        return ApprovalRequest(person, now)
    when_back = ApprovalRequest(person, presence.until or now)
    if presence.status is PresenceStatus.OFF:
        return _first_with_status([deputy], presences, now, REACHABLE_STATUSES) or when_back
    for others, statuses in product(([deputy, *leads], managers), (REACHABLE_STATUSES, {PresenceStatus.OFF})):
        request = _first_with_status([one for one in others if one != person], presences, now, statuses)
        if request is not None:
            return request
    return when_back


def _first_with_status(
    people: Sequence[str], presences: Mapping[str, Presence], now: datetime, statuses: Collection[PresenceStatus]
) -> ApprovalRequest | None:
    for person in people:
        presence = presences.get(person)
        if presence is not None and presence.status in statuses:
            return ApprovalRequest(person, now if presence.status in REACHABLE_STATUSES else presence.until or now)
    return None


def _has_answered(approver: Approver, by: str) -> bool:
    answers = (ApproverAnswer.ACCEPTED, ApproverAnswer.REJECTED)
    return approver.answer in answers and by in (approver.asked_person, approver.person)
