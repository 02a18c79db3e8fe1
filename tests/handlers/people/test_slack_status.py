"""What Slack says of people is read beside what the desk knows, as Slack's word, and nothing is decided by it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.runtime import jobs
from bot.slack import do_not_disturb
from handlers.people import people
from rules.intake.requests import TicketRequest
from services.assignment import assignments
from services.reassignment import absence_cover
from services.tickets import tickets
from storage.assignment.candidates import assignee_choices
from storage.presence.presence import presence_by_person
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket
from tests.desks import MONDAY, Office
from tests.handlers.vpn import ANA, BEN, LENA, filed, presses, submits

FRIDAY = int((MONDAY + timedelta(days=4)).timestamp())
AT_TWO = int((MONDAY + timedelta(hours=5)).timestamp())
BEFORE = int((MONDAY - timedelta(minutes=1)).timestamp())


@pytest.fixture
async def office(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, whose people Slack has told of."""
    monkeypatch.setattr(people, "LOOKUP_PAUSE_SECONDS", 0)
    await people.refresh_people(office.desk, office.baton.slack)
    return office


async def changes(office: Office, who: str, **fields: object) -> None:
    """Somebody changes their status, or wants not to be disturbed."""
    office.emulator.change_person(who, **fields)
    await office.settled()


async def on_holiday(office: Office, who: str = BEN) -> None:
    await changes(office, who, status_text="On holiday", status_emoji=":palm_tree:", status_expiration=FRIDAY)


async def not_to_be_disturbed(office: Office, who: str = BEN) -> None:
    await changes(office, who, dnd=True, dnd_start=BEFORE, dnd_end=AT_TWO)


async def floor(office: Office, by: str = LENA) -> str:
    outcome = await office.person(by).command("C0GENERAL", "/desk", "support")
    return str(outcome.ephemerals)


async def assigning(office: Office) -> dict[str, Any]:
    """Lena opens *Assign…*, and waits until Slack has said who is away."""
    await filed(office)
    await presses(office, LENA, "ticket.assign")
    view = office.person(LENA).view
    assert view is not None
    return view


def hint_of(view: dict[str, Any]) -> str:
    """What stands in the form as Slack's word; empty where nothing does."""
    found = [block for block in view["blocks"] if block.get("block_id") == "hints"]
    return str(found[0]["elements"][0]["text"]) if found else ""


def asked_for_presence(office: Office) -> list[str]:
    entries = office.emulator.traffic.entries_after(0)
    return [entry["body"]["user"] for entry in entries if entry["name"] == "users.getPresence"]


async def test_a_status_stands_beside_where_somebody_is(office: Office) -> None:
    await on_holiday(office)

    assert f" · Slack: :palm_tree: On holiday until <!date^{FRIDAY}^" in await floor(office)
    assert f"<@{BEN}>  0 open · here until" in await floor(office)


async def test_do_not_disturb_stands_there_until_it_is_over(office: Office) -> None:
    await not_to_be_disturbed(office)
    during = await floor(office)
    office.clock.forward(hours=5)

    assert f" · Slack: do not disturb until <!date^{AT_TWO}^" in during
    assert "disturb" not in await floor(office)


async def test_a_status_that_is_over_is_not_shown(office: Office) -> None:
    await on_holiday(office)
    office.clock.forward(days=4)

    assert "On holiday" not in await floor(office)


async def test_a_status_that_was_taken_back_is_not_shown(office: Office) -> None:
    await on_holiday(office)
    await changes(office, BEN, status_text="", status_emoji="", status_expiration=0)

    assert "Slack:" not in await floor(office)


async def test_do_not_disturb_is_asked_for_and_outlives_other_news(office: Office) -> None:
    office.emulator.workspace.users[BEN].dnd_start, office.emulator.workspace.users[BEN].dnd_end = BEFORE, AT_TWO
    office.emulator.workspace.users[BEN].dnd = True

    known = await do_not_disturb.refresh_slack_status(office.desk, office.baton.slack)
    await on_holiday(office)

    assert known == "8"
    assert "On holiday" in await floor(office)
    assert "do not disturb until" in await floor(office)


async def test_without_the_scope_there_are_no_such_hints_and_nothing_fails(office: Office) -> None:
    office.emulator.faults.fail_next("dnd.teamInfo", error="missing_scope")
    (job,) = [job for job in jobs.all_jobs(30) if job.name == "hints.refresh"]

    ran = await jobs.run_job_once(office.desk, office.baton.slack, job)

    assert ran is not None
    assert (ran.failed, ran.result) == (False, "no hints of do not disturb: the app lacks the scope dnd:read")


async def test_whoever_is_not_of_the_desk_reads_none_of_it(office: Office) -> None:
    await on_holiday(office)

    outcome = await office.person("U0CLIENT1").command("C0GENERAL", "/desk", "who other")

    assert f"<@{BEN}>" in str(outcome.ephemerals)
    assert "On holiday" not in str(outcome.ephemerals)


async def test_hostile_words_ping_nobody(office: Office) -> None:
    await changes(office, BEN, status_text="<!channel> *& <@U0LEAD1>\n" * 20, status_emoji="<!here>")

    said = await floor(office)

    assert "Slack: &lt;!channel&gt; *&amp;" in said
    assert "<!channel>" not in said
    assert "<!here>" not in said
    assert "here&gt;" not in said


async def test_who_assigns_reads_what_slack_says_of_the_first_ones(office: Office) -> None:
    await on_holiday(office)
    await changes(office, ANA, presence="away")

    hint = hint_of(await assigning(office))

    assert f"<@{BEN}> · Slack: :palm_tree: On holiday until <!date^{FRIDAY}^" in hint
    assert f"<@{ANA}> · Slack: away" in hint


async def test_when_nobody_is_away_the_form_stays_as_it_was_opened(office: Office) -> None:
    view = await assigning(office)

    assert hint_of(view) == ""
    assert "views.update" not in [entry["name"] for entry in office.emulator.traffic.entries_after(0)]


async def test_what_was_written_meanwhile_stays(office: Office) -> None:
    await changes(office, BEN, presence="away")
    view = await assigning(office)

    outcome = await submits(office, LENA, assignee=BEN, reason="He said that he is there.")

    assert hint_of(view) == f"<@{BEN}> · Slack: away"
    assert not outcome.errors
    assert (await office.desk.read(get_ticket, 1)).assignee == BEN


@pytest.mark.parametrize("error", ["not_found", "hash_conflict"])
async def test_a_form_that_was_closed_or_changed_meanwhile_is_let_be(
    office: Office, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    await changes(office, BEN, presence="away")
    office.emulator.faults.fail_next("views.update", error=error)

    view = await assigning(office)

    assert hint_of(view) == ""
    assert "An errand failed" not in caplog.text


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited"])
async def test_when_slack_does_not_say_who_is_away_the_form_works_without(office: Office, error: str) -> None:
    office.emulator.faults.fail_next("users.getPresence", error=error, times=5)
    await assigning(office)

    outcome = await submits(office, LENA, assignee=BEN)

    assert not outcome.errors
    assert (await office.desk.read(get_ticket, 1)).assignee == BEN


async def test_slack_is_asked_about_a_person_once_a_minute(office: Office) -> None:
    await assigning(office)
    first = asked_for_presence(office)
    await presses(office, LENA, "ticket.assign")
    again = asked_for_presence(office)
    office.clock.forward(minutes=1)
    await presses(office, LENA, "ticket.assign")

    assert sorted(first) == sorted({ANA, BEN, LENA})
    assert again == first
    assert len(asked_for_presence(office)) == 2 * len(first)


async def test_no_hint_decides_where_people_are_who_gets_work_or_whose_is_handed_over(office: Office) -> None:
    asked = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by=LENA, type="network")
    number = await office.desk.execute(tickets.create_ticket, asked)
    await office.desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    before = await decided(office, number)

    for who in (ANA, BEN):
        await on_holiday(office, who)
        await not_to_be_disturbed(office, who)
        office.desk.slack_presence.remember(who, office.desk.clock(), away=True)

    assert "do not disturb" in await floor(office)
    assert await decided(office, number) == before
    assert await absence_cover.cover_absences(office.desk) == 0


async def decided(office: Office, number: int) -> tuple[object, ...]:
    """Where everybody is for the desk, and who would get the ticket in which order."""
    team, at, policy = [LENA, ANA, BEN], office.desk.clock(), office.desk.policy
    ticket: Ticket = await office.desk.read(get_ticket, number)
    here = await office.desk.read(presence_by_person, team, policy=policy, team="support", at=at)
    found = await office.desk.read(assignee_choices, ticket, team, policy=policy, at=at, viewer=LENA)
    return here, list(found.candidates)
