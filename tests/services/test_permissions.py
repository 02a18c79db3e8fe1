"""Who may do what: every role tries every deed, and it goes as the matrix says."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from rules.errors import DeskError
from rules.escalations.escalations import Advice
from rules.model.tickets import Priority, ReplyBy
from rules.people.permissions import MATRIX, Deed, NotAllowed
from services import permissions
from services.alerts import sweep
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations, redirects
from services.sla import extensions
from services.tickets import corrections, steps, threads, tickets
from services.tickets.corrections import Correction
from storage.tickets.tickets import NoSuchTicket
from tests.desks import HeldClock, opened_desk
from tests.services.parts import (
    NOBODY,
    ROLES,
    SAM,
    WIDER,
    asked_for_time,
    in_hand,
    more_time,
    offered,
    overdue,
    resolved,
    waiting_for_cleo,
    waiting_for_experts,
    with_steps,
)
from tests.services.vpn import ANA, BEN, CLEO, EVA, LENA, OTTO, filed, story

TO_READ = {
    Deed.LIST,
    Deed.REPORT,
    Deed.REPORT_OWN,
    Deed.HOURS,
    Deed.DESK,
    Deed.HEALTH,
    Deed.HOME,
    Deed.RISK,
    Deed.FLOOR,
}
OF_TEAMS = {  # not of a ticket: each is tested in a file of its own
    Deed.PULL,
    Deed.WITHDRAW,
    Deed.SKILL,
    Deed.MEMBERS,
    Deed.NEXT,
    Deed.MOVE_BASKET,
    Deed.TAKE_BACK,
    Deed.HEAR_BY,
    Deed.PRESENCE,
    Deed.LEAVE_FOR,
    Deed.CHECK,
    Deed.CLOSE_GAP,
}
CORRECTED = Correction("VPN is slow", "network", Priority.HIGH, None, ReplyBy.SLACK)

Prepared = Callable[[Desk, str], Awaitable[int]]
Attempt = Callable[[Desk, int, str], Awaitable[object]]


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office, with an admin and with other experts beside Network's."""
    async with opened_desk(database_url, clock, plain=WIDER) as opened:
        yield opened


async def looked(desk: Desk, number: int, by: str) -> object:
    return await desk.read(permissions.permitted, desk.policy, Deed.SEE, number, by=by)


TRIED: dict[Deed, tuple[Prepared, Attempt]] = {
    Deed.FILE: (in_hand, lambda desk, _, by: filed(desk, by=by)),
    Deed.SEE: (in_hand, looked),
    Deed.TAKE: (waiting_for_cleo, lambda desk, number, by: desk.execute(tickets.take, number, by=by)),
    Deed.ASSIGN: (waiting_for_cleo, lambda desk, number, by: desk.execute(assignments.assign, number, to=ANA, by=by)),
    Deed.START: (offered, lambda desk, number, by: desk.execute(assignments.start, number, by=by)),
    Deed.PASS: (
        offered,
        lambda desk, number, by: desk.execute(assignments.pass_back, number, by=by, reason="on leave"),
    ),
    Deed.ESCALATE: (
        in_hand,
        lambda desk, number, by: desk.execute(escalations.escalate, number, by=by, team="security", why="?", tried="!"),
    ),
    Deed.ACCEPT: (waiting_for_experts, lambda desk, number, by: desk.execute(escalations.accept, number, 1, by=by)),
    Deed.REJECT: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(escalations.reject, number, 1, by=by, advice=Advice.OTHER, comment="No."),
    ),
    Deed.ASK_BACK: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(escalations.ask_back, number, 1, by=by, question="Since when?"),
    ),
    Deed.REDIRECT: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(redirects.redirect, number, 1, by=by, team="security", reason="Theirs."),
    ),
    Deed.WAIT: (in_hand, lambda desk, number, by: desk.execute(tickets.wait, number, by=by)),
    Deed.REPLY: (in_hand, lambda desk, number, by: desk.execute(tickets.reply, number, by=by, text="We are on it.")),
    Deed.WRITE: (in_hand, lambda desk, number, by: desk.execute(tickets.write, number, by=by, text="Still down.")),
    Deed.NOTE: (in_hand, lambda desk, number, by: desk.execute(tickets.note, number, by=by, text="Third time.")),
    Deed.CHANGE: (in_hand, lambda desk, number, by: desk.execute(corrections.change, number, by=by, to=CORRECTED)),
    Deed.RESOLVE: (
        in_hand,
        lambda desk, number, by: desk.execute(tickets.resolve, number, by=by, solution="Restarted."),
    ),
    Deed.REOPEN: (resolved, lambda desk, number, by: desk.execute(tickets.reopen, number, by=by, reason="Down again.")),
    Deed.STEP: (with_steps, lambda desk, number, by: desk.execute(steps.finish, number, 1, by=by)),
    Deed.EXTEND: (in_hand, more_time),
    Deed.GRANT: (asked_for_time, lambda desk, number, by: desk.execute(extensions.answer, number, 1, by=by, yes=True)),
    Deed.ASK_HELP: (in_hand, lambda desk, number, by: desk.execute(sweep.ask_help, number, by=by, text="A colleague.")),
    Deed.SNOOZE: (overdue, lambda desk, number, by: desk.execute(sweep.snooze, number, by=by)),
}
DECIDED_BY_EXPERTS = (Deed.ACCEPT, Deed.REJECT, Deed.ASK_BACK, Deed.REDIRECT)


async def tried(desk: Desk, deed: Deed, by: str) -> tuple[int, str]:
    """The ticket it was tried on, and what came of it: done, or the sentence of the refusal."""
    prepare, attempt = TRIED[deed]
    number = await prepare(desk, by)
    try:
        await attempt(desk, number, by)
    except DeskError as refusal:
        return number, str(refusal)
    return number, "done"


def test_every_deed_of_the_matrix_is_tried_here_or_only_reads() -> None:
    assert set(TRIED) | TO_READ | OF_TEAMS == set(MATRIX)


@pytest.mark.parametrize("deed", TRIED)
async def test_each_role_may_do_what_the_matrix_says_and_the_others_read_who_can(desk: Desk, deed: Deed) -> None:
    came_of_it = {role: (await tried(desk, deed, person))[1] for role, person in ROLES.items()}

    refusal = str(NotAllowed(deed, ["Network"] if deed in DECIDED_BY_EXPERTS else ["Network", "Support"]))
    assert came_of_it == {role: "done" if role in MATRIX[deed] else refusal for role in ROLES}


@pytest.mark.parametrize("deed", [deed for deed in TRIED if deed is not Deed.FILE])
async def test_somebody_without_a_part_in_it_does_not_even_learn_that_it_is_there(desk: Desk, deed: Deed) -> None:
    number, came_of_it = await tried(desk, deed, NOBODY)

    assert came_of_it == f"There is no ticket #{number} that you can see." == str(NoSuchTicket(number))


@pytest.mark.parametrize("deed", DECIDED_BY_EXPERTS)
async def test_an_escalation_is_decided_by_the_experts_who_were_asked_and_no_others(desk: Desk, deed: Deed) -> None:
    _, leads_words = await tried(desk, deed, LENA)
    number, others_words = await tried(desk, deed, SAM)

    assert leads_words == "You cannot do that here: Network's experts and leads can."
    assert others_words == f"There is no ticket #{number} that you can see."


async def test_experts_who_are_not_asked_see_nothing_of_it(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(NoSuchTicket):
        await desk.execute(tickets.take, number, by=EVA)


async def test_a_ticket_named_by_a_forged_value_stays_as_it_was(desk: Desk) -> None:
    mine, other = await filed(desk, by=CLEO), await in_hand(desk, CLEO)
    await desk.execute(escalations.escalate, other, by=EVA, team="security", why="Odd traffic", tried="a scan")

    for number, round_ in ((other, 1), (other, 2), (mine, 1)):
        with pytest.raises(DeskError):
            await desk.execute(escalations.accept, number, round_, by=BEN)

    assert await story(desk, mine) == ["filed"]
    assert await story(desk, other) == ["filed", "escalated", "accepted", "escalated"]


async def test_a_note_is_sent_on_only_by_those_who_may_reply(desk: Desk) -> None:
    number = await filed(desk)
    seq = await desk.execute(tickets.note, number, by=ANA, text="Third time.")

    with pytest.raises(NotAllowed, match="Support's agents, experts and leads can, and so can managers"):
        await desk.execute(threads.send_note, number, seq, by=OTTO)
    with pytest.raises(NoSuchTicket):
        await desk.execute(threads.send_note, number, 99, by=NOBODY)


@pytest.mark.parametrize(
    ("deed", "teams", "sentence"),
    [
        (Deed.TAKE, ["Support"], "Support's agents, experts and leads can."),
        (Deed.NOTE, ["Support"], "Support's agents, experts and leads can, and so can managers and admins."),
        (Deed.WRITE, ["Support"], "whoever asked for it can."),
        (Deed.HEALTH, [], "leads, managers and admins can."),
    ],
)
def test_a_refusal_says_who_can(deed: Deed, teams: list[str], sentence: str) -> None:
    assert str(NotAllowed(deed, teams)) == f"You cannot do that here: {sentence}"
