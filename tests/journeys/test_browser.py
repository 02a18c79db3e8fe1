"""People at work in a real browser, who know nothing but what the page shows them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.emulator.server import Emulator
from services.alerts.sweep import send_all_alerts
from storage.people import people
from tests.bot.emulator.browser import PHONE, Visit
from tests.desks import NAMES, HeldClock, Office, opened_office
from tests.journeys.page import be, choose, fill, form, go_to, message, read_messages, say, story

pytestmark = pytest.mark.asyncio(loop_scope="session")  # where the browser is

CLEO, ANA, EVA, EMIL, LENA, MIA = "U0CLIENT1", "U0AGENT1", "U0EXPERT1", "U0EXPERT2", "U0LEAD1", "U0MANAGER1"
SUPPORT, NETWORK, GENERAL = "C0SUPPORT", "C0NETWORK", "C0GENERAL"
VPN = "/ticket VPN is down on floor 3 !high type:network"
EVIDENCE = {"Why": "Tunnel flaps on both gateways", "What_was_tried": "Restarted the client"}
ADVICE = {"Reason": "Information missing", "Comment": "Send the gateway log first."}


@pytest_asyncio.fixture(loop_scope="session")
async def office(sqlite_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    async with opened_office(sqlite_url, clock) as opened:
        for user, name in NAMES.items():
            await opened.desk.execute(people.save_person, user, name=name, tz="Europe/Warsaw", gone=False)
        yield opened


@pytest.fixture
def slack(office: Office) -> Emulator:
    return office.emulator


async def test_a_ticket_passes_through_the_hands_of_five_people(visit: Visit) -> None:
    page = await visit(CLEO, GENERAL)
    await file_by_form(page, "VPN is down on floor 3")
    await be(page, "Lena Lis", channel="support")
    await assign(page, "Ana Kowalska")
    await be(page, "Ana Kowalska", channel="support")
    await press(message(page, "#1 ·"), "Take ticket 1")
    await escalate(page)
    await be(page, "Eva Novak", channel="network")
    await reject(page)
    await be(page, "Ana Kowalska", channel="support")
    await escalate(page)
    await be(page, "Eva Novak", channel="network")
    await press(message(page, "Escalation to Network"), "Accept the escalation of ticket 1")
    await expect(message(page, "Escalation to Network")).to_contain_text("✓ Accepted by @Eva Novak")
    await resolve(page, "#1 ·")
    await be(page, "Mia Berg", channel="support")
    await say(page, "/report")

    report = message(page, "Report · the whole desk")
    await expect(report).to_contain_text("Resolved 1")
    await expect(report).to_contain_text("Network: 1 accepted, 1 rejected")


async def test_who_asks_by_form_reads_by_when_and_why_that_team(visit: Visit) -> None:
    cleo, ana = await visit(CLEO, GENERAL), await visit(ANA, SUPPORT)

    await file_by_form(cleo, "VPN is down on floor 3")

    answer = message(cleo, "Created #1 VPN is down on floor 3")
    for words in (
        "Only visible to you",
        "🟠 High · Network",
        "First reply by",
        "Routed to Support, which handles Network.",
    ):
        await expect(answer).to_contain_text(words)
    await expect(message(ana, "#1 ·")).to_contain_text("New · Unassigned")
    await expect(message(ana, "#1 ·")).to_contain_text("Requester Cleo Kent")


async def test_who_files_by_text_takes_it_and_everybody_sees_that(visit: Visit) -> None:
    ana, ben = await visit(ANA, SUPPORT), await visit("U0AGENT2", SUPPORT)
    await say(ana, VPN)
    await expect(message(ana, "Created #1")).to_contain_text("🟠 High · Network")

    await press(message(ana, "#1 ·"), "Take ticket 1")

    await expect(message(ben, "#1 ·")).to_contain_text("In progress · Assignee Ana Kowalska")
    await expect(message(ben, "#1 ·").get_by_role("button", name="Take")).to_have_count(0)
    await expect(message(ben, "Created #1")).to_have_count(0)


async def test_a_form_says_what_is_wrong_beside_the_field_and_keeps_the_rest(visit: Visit) -> None:
    page = await visit(ANA, SUPPORT)
    await say(page, "/ticket")
    dialog = form(page, "New ticket")
    await dialog.get_by_role("textbox", name="Description").fill("Since 8:10")

    await dialog.get_by_role("button", name="Create ticket").click()
    await expect(title_of(dialog)).to_have_accessible_description("Please complete this required field.")
    await title_of(dialog).fill("\u200b")
    await dialog.get_by_role("button", name="Create ticket").click()

    await expect(title_of(dialog)).to_have_accessible_description("Say in a few words what it is about.")
    await expect(dialog.get_by_role("textbox", name="Description")).to_have_value("Since 8:10")


async def test_an_expert_reads_the_evidence_and_rejects_with_advice(visit: Visit) -> None:
    ana, eva = await escalated(visit)
    card = message(eva, "Escalation to Network")
    for evidence in ("@Ana Kowalska: “Tunnel flaps on both gateways”", "Tried: Restarted the client"):
        await expect(card).to_contain_text(evidence)

    await reject(eva)

    await expect(card).to_contain_text("✗ Rejected by @Eva Novak")
    await expect(card).to_contain_text("information missing. “Send the gateway log first.”")
    await expect(card.get_by_role("button", name="Accept")).to_have_count(0)
    await expect(message(ana, "#1 ·")).to_contain_text("In progress · Assignee Ana Kowalska")


async def test_the_advice_stands_in_the_thread_of_the_card(visit: Visit) -> None:
    ana, eva = await escalated(visit)
    await reject(eva)

    await message(ana, "#1 ·").get_by_role("button", name="replies").click()

    await expect(story(ana)).to_contain_text("Eva Novak rejected the escalation: information missing")
    await expect(story(ana)).to_contain_text("Send the gateway log first.")


async def test_two_experts_press_at_once_and_both_read_who_decided(visit: Visit) -> None:
    _, eva = await escalated(visit)
    emil = await visit(EMIL, NETWORK)
    await emil.get_by_role("button", name="Reject the escalation of ticket 1").click()
    await form(emil, "Reject #1").get_by_role("textbox", name="Comment").fill("Not ours")
    await choose(form(emil, "Reject #1"), "Reason", "Not ours")
    await press(message(eva, "Escalation to Network"), "Accept the escalation of ticket 1")
    await expect(message(eva, "Escalation to Network")).to_contain_text("✓ Accepted by @Eva Novak")

    await form(emil, "Reject #1").get_by_role("button", name="Reject", exact=True).click()

    await expect(emil.get_by_text("Eva Novak").last).to_be_visible()
    await expect(message(emil, "Escalation to Network")).to_contain_text("✓ Accepted by @Eva Novak")


async def test_the_one_who_asked_reads_the_solution_and_may_reopen(visit: Visit) -> None:
    cleo, ana = await visit(CLEO, GENERAL), await visit(ANA, SUPPORT)
    await file_by_form(cleo, "VPN is down on floor 3")
    await press(message(ana, "#1 ·"), "Take ticket 1")
    await resolve(ana, "#1 ·")

    await read_messages(cleo)
    await press(message(cleo, "The firmware is rolled back."), "Reopen ticket 1")
    await fill(cleo, "Reopen #1", "Reopen", Reason="It flaps again")

    await expect(message(ana, "#1 ·")).to_contain_text("Assigned · Assignee Ana Kowalska")


async def test_near_its_time_a_ticket_is_named_on_the_page_and_silenced_there(
    office: Office, clock: HeldClock, visit: Visit
) -> None:
    ana = await visit(ANA, SUPPORT)
    await say(ana, VPN)
    await expect(message(ana, "#1 ·")).to_be_visible()
    clock.forward(minutes=16)

    await send_all_alerts(office.desk)

    alert = message(ana, "First reply due in")
    await expect(alert).to_contain_text("⏳ #1 · First reply due in 14 min")
    await alert.get_by_role("button", name="Snooze the alert of ticket 1").click()
    await expect(alert).to_contain_text("Snoozed by @Ana Kowalska")


async def test_home_shows_what_is_assigned_to_me(visit: Visit) -> None:
    ana = await visit(ANA, SUPPORT)
    await say(ana, VPN)
    await press(message(ana, "#1 ·"), "Take ticket 1")
    await expect(message(ana, "#1 ·")).to_contain_text("In progress")

    await go_to(ana, "Baton")
    await ana.get_by_role("tab", name="Home").click()

    await expect(ana.get_by_role("heading", name="Assigned to you: 1")).to_be_visible()
    await expect(ana.get_by_text("#1 · VPN is down on floor 3").first).to_be_visible()


async def test_on_a_phone_an_agent_files_by_form_and_takes_it(visit: Visit) -> None:
    page = await visit(ANA, SUPPORT, PHONE)
    await file_by_form(page, "VPN is down on floor 3")
    await press(message(page, "#1 ·"), "Take ticket 1")

    await expect(message(page, "#1 ·")).to_contain_text("In progress · Assignee Ana Kowalska")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0]


async def test_a_ticket_is_filed_without_a_mouse(visit: Visit) -> None:
    page = await visit(ANA, SUPPORT)
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await page.keyboard.type("/ticket")
    await page.keyboard.press("Enter")
    await expect(title_of(form(page, "New ticket"))).to_be_focused()
    await page.keyboard.type("VPN is down on floor 3")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Since 8:10")
    for words in ("net", "high"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(words)
        await page.keyboard.press("Enter")
    await tab_to(page, form(page, "New ticket").get_by_role("button", name="Create ticket"))
    await page.keyboard.press("Enter")

    await expect(message(page, "Created #1")).to_contain_text("🟠 High · Network")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()


async def file_by_form(page: Page, title: str) -> None:
    await say(page, "/ticket")
    await fill(page, "New ticket", "Create ticket", Title=title, Priority="High", Type="Network")
    await expect(message(page, f"Created #1 {title}")).to_be_visible()


async def assign(page: Page, name: str) -> None:
    await press(message(page, "#1 ·"), "Assign ticket 1")
    await fill(page, "Assign #1", "Assign", Assign_to=name)
    await expect(message(page, "#1 ·")).to_contain_text(f"Assigned · Assignee {name}")


async def escalated(visit: Visit) -> tuple[Page, Page]:
    """Ana in her channel, and Eva in the experts', where Ana's question waits."""
    ana, eva = await visit(ANA, SUPPORT), await visit(EVA, NETWORK)
    await say(ana, VPN)
    await press(message(ana, "#1 ·"), "Take ticket 1")
    await escalate(ana)
    return ana, eva


async def escalate(page: Page) -> None:
    await expect(message(page, "#1 ·")).to_contain_text("In progress")
    await press(message(page, "#1 ·"), "Escalate ticket 1")
    await fill(page, "Escalate #1", "Escalate", **EVIDENCE)
    await expect(message(page, "#1 ·")).to_contain_text("Escalated")


async def reject(page: Page) -> None:
    await press(message(page, "Escalation to Network"), "Reject the escalation of ticket 1")
    await fill(page, "Reject #1", "Reject", **ADVICE)
    await expect(message(page, "Escalation to Network")).to_contain_text("✗ Rejected by")


async def resolve(page: Page, card: str) -> None:
    await press(message(page, card), "Resolve ticket 1")
    await fill(page, "Resolve #1", "Resolve", Solution="The firmware is rolled back.")
    await expect(message(page, card)).to_contain_text("✓ Resolved by")


async def press(card: Locator, name: str) -> None:
    await card.get_by_role("button", name=name, exact=True).click()


def title_of(dialog: Locator) -> Locator:
    return dialog.get_by_role("textbox", name="Title")


async def tab_to(page: Page, control: Locator) -> None:
    """Tab by tab, and not for ever."""
    for _ in range(12):
        if await control.evaluate("node => node === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    await expect(control).to_be_focused()
