"""Monitoring reads the figures of the desk."""

from bot import metrics
from bot.runtime.run import update_gauges
from rules.intake.requests import TicketRequest
from services.tickets import tickets
from tests.desks import Office

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def test_the_figures_name_open_and_overdue_tickets_by_team(office: Office) -> None:
    await office.desk.execute(tickets.create_ticket, VPN)
    await office.desk.execute(tickets.create_ticket, VPN)
    await office.settled()
    office.clock.forward(days=3)

    await update_gauges(office.desk)

    page = metrics.render_metrics().decode()
    assert 'baton_open_tickets{team="support"} 2.0' in page
    assert 'baton_overdue_tickets{team="support"} 2.0' in page
    assert "baton_outbox_pending 0.0" in page
