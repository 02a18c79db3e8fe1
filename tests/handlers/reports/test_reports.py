"""People ask for the numbers of a day, and read those that are theirs to read."""

from typing import Any

import pytest

from handlers.slack.ids import Button
from rules.escalations.escalations import RejectionReason
from rules.intake.requests import TicketRequest
from rules.presence.presence import PresenceAction
from services.escalations import escalations
from services.presence import presence
from services.tickets import tickets
from tests.desks import Office


async def vpn(office: Office, *, title: str = "VPN is down", type_: str = "network") -> int:
    request = TicketRequest(title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type=type_)
    return await office.desk.execute(tickets.create_ticket, request)


async def asked(office: Office, text: str, *, by: str) -> dict[str, Any]:
    outcome = await office.person(by).command("C0GENERAL", "/report", text)
    assert outcome.ok
    (answer,) = outcome.ephemerals
    return answer


def shown(answer: dict[str, Any]) -> str:
    """The context lines."""
    return "".join(one["text"] for block in answer["blocks"] if block["type"] == "context" for one in block["elements"])


def said(answer: dict[str, Any]) -> str:
    return f"{answer['text']}{answer.get('blocks')}"


@pytest.mark.parametrize("text", ["forecast-quality yesterday", "2026-10-05 Forecast-Quality", "forecasts today"])
async def test_whether_forecasts_came_true_is_answered_with_a_day_too(office: Office, text: str) -> None:
    assert "no forecast is settled yet" in said(await asked(office, text, by="U0MANAGER1"))


@pytest.mark.parametrize("text", ["help today", "today help", "? yesterday"])
async def test_help_with_a_day_is_help(office: Office, text: str) -> None:
    assert "*What you can ask*" in said(await asked(office, text, by="U0AGENT1"))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "forecast",
            "Unknown option `forecast`. Did you mean `/report forecast-quality`? Try `/report`, "
            "`/report who`, `/report times`, `/report hours`, `/report escalations`, each with `me` or `team NAME` "
            "and a day such as `2026-10-05`, or `/report help`.",
        ),
        ("help today yesterday", "One day at a time: `today` or `yesterday`?"),
        (
            "hours forecasts",
            "Write `/report hours` with `me` or `team NAME`, and with days: `2026-09-01..2026-09-30`.",
        ),
    ],
)
async def test_what_cannot_be_asked_is_answered_with_how_to_ask(office: Office, text: str, answer: str) -> None:
    given_back = f" Your text: {text}" if " " in text else ""

    assert (await asked(office, text, by="U0MANAGER1"))["text"] == f"{answer}{given_back}"


async def test_the_manager_reads_the_whole_desk(office: Office) -> None:
    first, second = await vpn(office), await vpn(office, title="Mouse is dead", type_="other")
    await office.desk.execute(tickets.take, first, by="U0AGENT1")
    await office.desk.execute(tickets.resolve, second, by="U0AGENT2", solution="New batteries.")

    answer = await asked(office, "", by="U0MANAGER1")

    assert answer["text"] == "Report of the whole desk, Mon 5 Oct 2026, so far: Created 2 · Resolved 1 · Backlog 1."
    for fact in ("Network 1, Other 1", "In progress 1, Resolved 1", "1 (all from today)", "By <@U0AGENT2> 1"):
        assert fact in said(answer)


async def test_a_report_states_its_n_its_day_and_its_zone(office: Office) -> None:
    await vpn(office)

    answer = await asked(office, "", by="U0MANAGER1")

    assert "1 ticket · Mon 5 Oct 2026 until now · Europe/Warsaw (most teams' time zone)" in shown(answer)


async def test_a_lead_reads_their_own_team_by_today_and_earlier_days(office: Office) -> None:
    old = await vpn(office)
    await office.desk.execute(tickets.take, old, by="U0AGENT1")
    office.clock.forward(days=1)
    new = await vpn(office)
    await office.desk.execute(tickets.take, new, by="U0AGENT1")

    answer = await asked(office, "", by="U0LEAD1")

    assert "Report of Support" in answer["text"]
    assert "<@U0AGENT1>  2 (1 from today, 1 from earlier days)" in said(answer)


async def test_overdue_tickets_are_named_and_open_as_a_list(office: Office) -> None:
    await vpn(office)
    office.clock.forward(days=2)

    answer = await asked(office, "team support", by="U0MANAGER1")

    overdue = next(block for block in answer["blocks"] if "Breached" in str(block))
    assert "*#1* VPN is down · Unassigned · due" in overdue["text"]["text"]
    assert (overdue["accessory"]["action_id"], overdue["accessory"]["value"]) == (
        Button.SHOW_LIST,
        "breached:1:support",
    )


async def test_the_list_behind_the_figure_opens(office: Office) -> None:
    await vpn(office)
    office.clock.forward(days=2)
    mia = office.person("U0MANAGER1")
    answer = await asked(office, "", by=mia.id)

    outcome = await mia.press("C0GENERAL", answer["ts"], Button.SHOW_LIST)

    assert outcome.ok
    assert "VPN is down" in str([*outcome.ephemerals, *mia.visible_messages("C0GENERAL")])


async def test_the_experts_answers_are_counted(office: Office) -> None:
    for _ in range(2):
        number = await vpn(office)
        await office.desk.execute(escalations.escalate, number, by="U0AGENT1", team="network", why="w", tried="t")
    await office.desk.execute(escalations.accept, 1, 1, by="U0EXPERT1")
    await office.desk.execute(escalations.reject, 2, 1, by="U0EXPERT1", reason=RejectionReason.OTHER, comment="No.")

    answer = await asked(office, "team network", by="U0LEAD2")

    assert "Network: 1 accepted, 1 rejected" in said(answer)


async def test_an_earlier_day_is_answered_as_it_ended(office: Office) -> None:
    number = await vpn(office)
    office.clock.forward(days=1)
    await office.desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    monday = await asked(office, "2026-10-05", by="U0MANAGER1")
    tuesday = await asked(office, "today", by="U0MANAGER1")

    assert "Mon 5 Oct 2026: Created 1 · Resolved 0 · Backlog 1" in monday["text"]
    assert "Tue 6 Oct 2026, so far: Created 0 · Resolved 1 · Backlog 0" in tuesday["text"]
    assert Button.SHOW_LIST not in said(monday)


async def test_an_agent_reads_their_own_numbers_and_who_may_read_the_rest(office: Office) -> None:
    number = await vpn(office)
    await vpn(office)
    await office.desk.execute(tickets.take, number, by="U0AGENT2")

    answer = await asked(office, "", by="U0AGENT2")

    assert "Report of <@U0AGENT2>" in answer["text"]
    assert "Backlog 1" in answer["text"]
    assert "Only a team's leads, managers, observers and admins can see its figures." in shown(answer)


@pytest.mark.parametrize("by", ["U0CLIENT1", "U0AGENT1", "U0MANAGER1"])
async def test_anyone_may_ask_for_their_own(office: Office, by: str) -> None:
    answer = await asked(office, "me", by=by)

    assert f"Report of <@{by}>" in answer["text"]
    assert "can see" not in said(answer)


async def test_an_agent_who_asks_for_a_team_is_refused_in_a_sentence(office: Office) -> None:
    answer = await asked(office, "team support", by="U0AGENT1")

    assert answer["text"].startswith("Only leads, managers, observers and admins can see the figures of Support.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hlp", "Did you mean `/report help`?"),
        ("team netwrk", "Did you mean `/report team network`?"),
        ("2026-10-06", "Tue 6 Oct 2026 is in the future"),
        ("2026-02-30", "There is no day `2026-02-30`"),
        ("<!channel> & more", "Unknown option `&lt;!channel&gt; &amp; more`"),
        ("help", "*Definitions*"),
    ],
)
async def test_other_words_are_answered_with_a_sentence(office: Office, text: str, words: str) -> None:
    assert words in said(await asked(office, text, by="U0MANAGER1"))


async def test_the_report_button_answers_only_the_one_who_pressed(office: Office) -> None:
    await vpn(office)
    lena = office.person("U0LEAD1")
    posted = await summary_card(office)

    outcome = await lena.press("C0SUPPORT", posted, Button.OPEN_REPORT)

    assert "Report of Support" in outcome.ephemerals[0]["text"]


async def test_the_report_button_refuses_an_agent(office: Office) -> None:
    posted = await summary_card(office)

    outcome = await office.person("U0AGENT1").press("C0SUPPORT", posted, Button.OPEN_REPORT)

    assert "can see the figures of Support" in outcome.ephemerals[0]["text"]


async def summary_card(office: Office) -> str:
    """A post with the button that the daily summary has."""
    press = {"type": "button", "text": {"type": "plain_text", "text": "Report"}, "action_id": Button.OPEN_REPORT}
    blocks = [{"type": "actions", "elements": [press | {"value": "team:support"}]}]
    posted = await office.baton.slack.chat_postMessage(channel="C0SUPPORT", text="Summary", blocks=blocks)
    return str(posted["ts"])


async def test_midnight_is_that_of_the_team(office: Office) -> None:
    office.clock.forward(hours=14, minutes=30)
    await vpn(office)
    office.clock.forward(hours=1)

    answer = await asked(office, "", by="U0LEAD1")

    assert "Tue 6 Oct 2026, so far: Created 0 · Resolved 0 · Backlog 1" in answer["text"]
    assert office.clock.now.day == 5


async def test_hours_are_ones_own_or_those_one_leads_and_never_anybody_elses(office: Office) -> None:
    for who in ("U0AGENT1", "U0AGENT2", "U0EXPERT1"):
        await office.desk.execute(presence.set_presence, by=who, what=PresenceAction.IN)
    office.clock.forward(hours=1)

    anas = said(await asked(office, "hours", by="U0AGENT1"))
    lenas = said(await asked(office, "hours", by="U0LEAD1"))
    refused = [await asked(office, "hours team network", by=who) for who in ("U0AGENT1", "U0LEAD1", "U0OBSERVER1")]

    assert "<@U0AGENT1>  1 h logged in" in anas
    assert "managers and admins can see its hours." in anas
    assert "<@U0AGENT2>" not in anas
    assert ("<@U0AGENT2>  1 h logged in" in lenas, "U0EXPERT1" in lenas) == (True, False)
    assert {one["text"].partition(".")[0] for one in refused} == {
        "Only leads, managers and admins can see the hours of Network"
    }


@pytest.mark.parametrize("topic", ["who", "times", "hours"])
async def test_a_team_that_nobody_knows_is_asked_back(office: Office, topic: str) -> None:
    answer = await asked(office, f"{topic} team netwrk", by="U0MANAGER1")

    assert answer["text"].startswith("There is no team `netwrk`. Did you mean `/report team network`?")


async def test_an_earlier_day_is_told_as_it_ended_by_who_had_what(office: Office) -> None:
    number = await vpn(office)
    await office.desk.execute(tickets.take, number, by="U0AGENT1")
    office.clock.forward(days=1)
    await office.desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    monday = said(await asked(office, "who 2026-10-05", by="U0LEAD1"))
    tuesday = said(await asked(office, "who", by="U0LEAD1"))

    assert "<@U0AGENT1>  1 open: 1 from that day" in monday
    assert "<@U0AGENT1>  0 open: ✓ 1 resolved" in tuesday


async def test_a_lead_reads_how_long_their_teams_tickets_took(office: Office) -> None:
    number = await vpn(office)
    office.clock.forward(days=1)
    await office.desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    monday = await asked(office, "times 2026-10-05", by="U0LEAD1")
    both = await asked(office, "times 2026-10-05..today", by="U0LEAD1")
    leos = await asked(office, "times 2026-10-05..", by="U0LEAD2")

    assert "Nothing was resolved, Support, Mon 5 Oct 2026." in monday["text"]
    assert "1 resolved (small sample) · Resolution time: median 1 d (8 h in business hours)" in both["text"]
    assert "Nothing was resolved, Network" in leos["text"]


async def test_a_resolved_ticket_says_how_long_it_took(office: Office) -> None:
    number = await vpn(office)
    office.clock.forward(days=1)
    await office.desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    shown = [await office.person(who).command("C0GENERAL", "/ticket", "1") for who in ("U0AGENT1", "U0CLIENT1")]

    for outcome in shown:
        assert "Resolution time 1 d (8 h in business hours)" in str(outcome.ephemerals)
