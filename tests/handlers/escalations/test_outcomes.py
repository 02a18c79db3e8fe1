"""`/report escalations`: the lead reads the team, everybody their own, nobody that of another."""

from dataclasses import replace
from typing import Any

import pytest

from rules.escalations.escalations import RejectionReason
from rules.model.tickets import Status
from services.escalations import escalations
from services.imports import import_tickets
from tests.desks import Office, problems
from tests.handlers.vpn import ANA, BEN, EMIL, LENA, LEO, MIA, OTTO, SUPPORT
from tests.rules.logs import LOG, made, row
from tests.services.vpn import asked, filed


async def rejected(office: Office, many: int, *, by: str = ANA, accepted: int = 0) -> None:
    for at in range(many + accepted):
        number = await filed(office.desk)
        await asked(office.desk, number, by=by)
        if at < accepted:
            await office.desk.execute(escalations.accept, number, 1, by=EMIL)
        else:
            await office.desk.execute(
                escalations.reject, number, 1, by=EMIL, reason=RejectionReason.INFORMATION_MISSING, comment="The log?"
            )
    await office.settled()


async def reads(office: Office, who: str, words: str = "") -> list[dict[str, Any]]:
    """What that person alone reads after `/report escalations`."""
    before = len(office.person(who).visible_messages(SUPPORT))
    await office.person(who).command(SUPPORT, "/report", f"escalations {words}".strip())
    await office.settled()
    return office.person(who).visible_messages(SUPPORT)[before:]


def all_of(messages: list[dict[str, Any]]) -> str:
    return str([one.get("blocks") for one in messages])


async def test_the_lead_reads_the_team_first_then_people_by_name_below_the_chart(office: Office) -> None:
    await rejected(office, 2, by=BEN)
    await rejected(office, 1, accepted=9)

    (answer,) = await reads(office, LENA)

    words = str(answer["blocks"])
    assert words.index("*Support*") < words.index(f"<@{ANA}>") < words.index(f"<@{BEN}>")
    assert "75 % of 12 accepted (95 % confidence: 47 % to 91 %)" in words
    assert "0 of 2 accepted (small sample)" in words
    assert "95 % confidence intervals. People are listed by name, and those with fewer than 10 answers aren't" in words
    assert "9 of 12 escalations of Support were accepted" in answer["blocks"][0]["alt_text"]
    assert problems("message", answer) == []


async def test_what_is_missing_stands_below(office: Office) -> None:
    await rejected(office, 2)

    words = all_of(await reads(office, LENA))

    assert "*Recurring gaps*" in words
    assert "Support · Network · form: it does not ask for what the experts need\\n2 so far, most recent #2, #1" in words


async def test_what_is_taken_over_again_and_again_is_worth_writing_down(office: Office) -> None:
    await rejected(office, 0, accepted=3)

    assert "💡 Network: experts accepted “VPN is down” 3 times in 30 days (#1, #2, #3)" in all_of(
        await reads(office, LENA)
    )


async def test_a_team_that_is_refused_as_a_whole_is_said_to_have_a_cause_of_its_own(office: Office) -> None:
    await rejected(office, 12)

    assert (
        "Fewer than half of Support's escalations are accepted, no matter who escalates. The cause is in the team"
        in all_of(await reads(office, LENA))
    )


@pytest.mark.parametrize("words", ["", "me"])
async def test_an_agent_reads_their_own_alone_and_what_would_help(office: Office, words: str) -> None:
    await rejected(office, 1, by=BEN)
    await rejected(office, 2)

    (answer,) = await reads(office, ANA, words)

    told = str(answer["blocks"])
    assert "2 escalated: 0 accepted, 2 rejected" in told
    assert "2 were rejected: information missing. Before you escalate, add what the experts asked for" in told
    assert BEN not in told
    assert answer["is_ephemeral"]


async def test_the_experts_lead_reads_what_was_asked_of_them_and_by_which_teams(office: Office) -> None:
    await rejected(office, 10)

    (answer,) = await reads(office, LEO)

    words = str(answer["blocks"])
    assert "*Escalated to Network* · 10 escalated: 0 accepted, 10 rejected" in words
    assert "Rejected: information missing (10)\\nSupport: 0 % of 10 accepted" in words
    assert ANA not in words  # nobody of another team is named
    assert "escalated to Network: 10 escalated" in answer["text"]


async def test_an_agent_does_not_read_the_teams(office: Office) -> None:
    answer = await reads(office, ANA, "team support")

    assert "Only leads, managers, observers and admins can see the figures of Support." in answer[0]["text"]


async def test_an_observer_reads_a_team_in_a_span_of_days(office: Office) -> None:
    await rejected(office, 1)

    assert "1 escalated" in all_of(await reads(office, OTTO, "team support 2026-10-01..2026-10-05"))
    assert "No escalations, Tue 1 Sep 2026 to Wed 30 Sep 2026." in all_of(
        await reads(office, OTTO, "2026-09-01..2026-09-30")
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("2026-10-05..2026-10-01", "ends before it starts"),
        ("2026-13-01", "There is no day `2026-13-01`"),
        ("help", "Write `/report escalations`"),
        ("2026-10-01 2026-10-02", "One period at a time"),
        ("<@U0AGENT2>", "Unknown option"),
    ],
)
async def test_what_cannot_be_read_is_answered_with_how_to_ask(office: Office, words: str, sentence: str) -> None:
    assert sentence in str((await reads(office, LENA, words))[0]["text"])


async def test_home_has_one_line_of_ones_own(office: Office) -> None:
    await rejected(office, 1, accepted=1)

    await office.person(ANA).open_home()
    await office.settled()

    assert "Your escalations, last 90 days: 2 escalated: 1 accepted, 1 rejected" in str(office.person(ANA).home)


async def test_what_an_imported_team_escalated_is_found_whatever_the_capitals(office: Office) -> None:
    log = replace(LOG, states={**LOG.states, "expert": Status.ESCALATED})
    escalated = [row("Work", "10:00", group="Gamma"), row("Expert", "11:00", group="Core")]
    await office.desk.execute(import_tickets, [made(*escalated, row("Work", "12:00", group="Core"), log=log)[0]])

    found = all_of(await reads(office, MIA, "team gAMMA 2026-09-01"))

    assert "1 escalated: 0 accepted, 1 imported without a result" in found
    assert "There is no team `Delta`" in str(await reads(office, MIA, "team Delta 2026-09-01"))
