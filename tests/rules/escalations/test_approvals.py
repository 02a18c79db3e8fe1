"""Who decides an escalation, and who stands in for whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.escalations.approvals import (
    AlreadyAnswered,
    ApprovalRequest,
    Approver,
    ApproverAnswer,
    NotYourTurn,
    approval_outcome,
    choose_respondent,
    pass_over_pending,
    pending_approvers,
    record_answer,
    required_approvers,
)
from rules.model.approval import ApprovalMode, ApprovalRule
from rules.presence.presence import Presence, PresenceStatus

EVA, EMIL, LEO, SAM = "U0EXPERT1", "U0EXPERT2", "U0LEAD2", "U0EXPERT9"
MIA, MAX = "U0MANAGER1", "U0MANAGER2"
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
MORNING = NOW + timedelta(hours=10)
HERE, OFF, AWAY = (
    Presence(PresenceStatus.AT_WORK),
    Presence(PresenceStatus.OFF, until=MORNING),
    Presence(PresenceStatus.AWAY, until=MORNING),
)


def sitting(approval: ApprovalRule) -> tuple[Approver, ...]:
    """Everybody is asked for themselves."""
    found = required_approvers(approval, experts=(EVA, EMIL), leads=(LEO,))
    return tuple(replace(seat, asked_person=seat.person) for seat in found)


ALL, IN_ORDER = sitting(ApprovalRule(ApprovalMode.ALL)), sitting(ApprovalRule(ApprovalMode.IN_ORDER))


def test_where_the_first_decides_nobody_is_asked_by_name() -> None:
    assert required_approvers(ApprovalRule(), experts=(EVA, EMIL), leads=(LEO,)) == ()


def test_without_names_all_experts_are_meant_with_names_only_those_of_the_team() -> None:
    named = ApprovalRule(ApprovalMode.ALL, approvers=(EMIL, SAM))

    assert [seat.person for seat in ALL] == [EVA, EMIL]
    assert [seat.person for seat in sitting(named)] == [EMIL]


def test_the_lead_alone_decides_what_is_left_to_the_lead() -> None:
    assert [seat.person for seat in sitting(ApprovalRule(lead_decides=True))] == [LEO]


def test_of_all_each_has_to_accept() -> None:
    one = record_answer(ApprovalMode.ALL, ALL, by=EMIL, answer=ApproverAnswer.ACCEPTED)
    both = record_answer(ApprovalMode.ALL, one, by=EVA, answer=ApproverAnswer.ACCEPTED)

    assert (approval_outcome(one), approval_outcome(both)) == (None, ApproverAnswer.ACCEPTED)


def test_one_rejection_rejects() -> None:
    assert (
        approval_outcome(record_answer(ApprovalMode.ALL, ALL, by=EMIL, answer=ApproverAnswer.REJECTED))
        is ApproverAnswer.REJECTED
    )


def test_in_order_the_second_waits_for_the_first() -> None:
    with pytest.raises(NotYourTurn, match=f"not your turn to decide: waiting for {EVA}"):
        record_answer(ApprovalMode.IN_ORDER, IN_ORDER, by=EMIL, answer=ApproverAnswer.ACCEPTED)


def test_who_has_accepted_reads_whom_it_waits_for() -> None:
    one = record_answer(ApprovalMode.ALL, ALL, by=EVA, answer=ApproverAnswer.ACCEPTED)

    with pytest.raises(AlreadyAnswered, match=f"waiting for {EMIL}"):
        record_answer(ApprovalMode.ALL, one, by=EVA, answer=ApproverAnswer.ACCEPTED)


def test_who_stands_in_for_two_answers_for_both() -> None:
    for_both = tuple(replace(seat, asked_person=SAM) for seat in ALL)

    assert (
        approval_outcome(record_answer(ApprovalMode.ALL, for_both, by=SAM, answer=ApproverAnswer.ACCEPTED))
        is ApproverAnswer.ACCEPTED
    )


def test_without_an_answer_the_next_in_order_is_asked_and_after_the_last_the_lead() -> None:
    one = pass_over_pending(ApprovalMode.IN_ORDER, IN_ORDER, leads=(LEO,))
    two = pass_over_pending(ApprovalMode.IN_ORDER, one, leads=(LEO,))

    assert [seat.person for seat in pending_approvers(ApprovalMode.IN_ORDER, one)] == [EMIL]
    assert [seat.person for seat in pending_approvers(ApprovalMode.IN_ORDER, two)] == [LEO]
    assert pass_over_pending(ApprovalMode.IN_ORDER, two, leads=(LEO,)) == two


def test_of_all_the_lead_answers_for_those_who_did_not() -> None:
    one = record_answer(ApprovalMode.ALL, ALL, by=EVA, answer=ApproverAnswer.ACCEPTED)

    late = pass_over_pending(ApprovalMode.ALL, one, leads=(LEO,))

    assert [seat.person for seat in pending_approvers(ApprovalMode.ALL, late)] == [LEO]
    assert (
        approval_outcome(tuple(replace(seat, answer=seat.answer or ApproverAnswer.ACCEPTED) for seat in late))
        is ApproverAnswer.ACCEPTED
    )


@pytest.mark.parametrize("here", [PresenceStatus.AT_WORK, PresenceStatus.BREAK, PresenceStatus.ACTIVITY])
def test_who_is_here_is_asked(here: PresenceStatus) -> None:
    assert choose_respondent(EVA, {EVA: Presence(here)}, deputy=SAM, leads=(LEO,), now=NOW) == ApprovalRequest(EVA, NOW)


def test_who_is_away_is_stood_in_for_by_the_deputy_else_by_the_lead() -> None:
    away = {EVA: AWAY, SAM: HERE, LEO: HERE}

    assert choose_respondent(EVA, away, deputy=SAM, leads=(LEO,), now=NOW) == ApprovalRequest(SAM, NOW)
    assert choose_respondent(EVA, {**away, SAM: AWAY}, deputy=SAM, leads=(LEO,), now=NOW) == ApprovalRequest(LEO, NOW)
    assert choose_respondent(EVA, away, deputy="", leads=(LEO,), now=NOW) == ApprovalRequest(LEO, NOW)


def test_at_night_the_question_waits_for_the_morning() -> None:
    assert choose_respondent(EVA, {EVA: OFF, SAM: OFF}, deputy=SAM, leads=(LEO,), now=NOW) == ApprovalRequest(
        EVA, MORNING
    )
    assert choose_respondent(EVA, {EVA: OFF, SAM: HERE}, deputy=SAM, leads=(LEO,), now=NOW) == ApprovalRequest(SAM, NOW)


def test_away_at_night_the_deputy_is_asked_in_the_morning() -> None:
    assert choose_respondent(EVA, {EVA: AWAY, SAM: OFF}, deputy=SAM, leads=(LEO,), now=NOW) == ApprovalRequest(
        SAM, MORNING
    )


def test_where_leads_are_away_too_a_manager_answers_but_not_where_one_is_only_off_work() -> None:
    away = {EVA: AWAY, LEO: AWAY, MIA: HERE}
    managers = (MAX, MIA)

    assert choose_respondent(EVA, away, deputy="", leads=(LEO,), managers=managers, now=NOW) == ApprovalRequest(
        MIA, NOW
    )
    assert choose_respondent(
        EVA, {**away, MIA: OFF}, deputy="", leads=(LEO,), managers=managers, now=NOW
    ) == ApprovalRequest(MIA, MORNING)
    assert choose_respondent(
        EVA, {**away, LEO: OFF}, deputy="", leads=(LEO,), managers=managers, now=NOW
    ) == ApprovalRequest(LEO, MORNING)


def test_who_is_back_answers_for_themselves_though_another_was_asked() -> None:
    stood_in_for = (replace(ALL[0], asked_person=SAM), ALL[1])

    now = record_answer(ApprovalMode.ALL, stood_in_for, by=EVA, answer=ApproverAnswer.ACCEPTED)

    assert [seat.answer for seat in now] == [ApproverAnswer.ACCEPTED, None]


def test_where_everybody_is_away_the_question_waits_for_who_was_meant() -> None:
    everybody = {EVA: AWAY, LEO: AWAY}

    assert choose_respondent(EVA, everybody, deputy="", leads=(LEO,), now=NOW) == ApprovalRequest(EVA, MORNING)


@given(
    st.sampled_from([ApprovalMode.ALL, ApprovalMode.IN_ORDER]),
    st.integers(1, 5),
    st.lists(st.sampled_from(["accept", "reject", "late"]), max_size=12),
)
def test_whatever_happens_it_waits_for_somebody_or_is_decided(
    approving: ApprovalMode, many: int, what: list[str]
) -> None:
    now = tuple(Approver(place, f"U{place}", f"U{place}") for place in range(1, many + 1))
    for deed in what:
        if approval_outcome(now) is not None:
            break
        first = pending_approvers(approving, now)[0]
        if deed == "late":
            now = tuple(
                replace(seat, asked_person=seat.person) for seat in pass_over_pending(approving, now, leads=(LEO,))
            )
        else:
            said = ApproverAnswer.ACCEPTED if deed == "accept" else ApproverAnswer.REJECTED
            now = record_answer(approving, now, by=first.asked_person or "", answer=said)

    assert bool(pending_approvers(approving, now)) or approval_outcome(now) is not None
