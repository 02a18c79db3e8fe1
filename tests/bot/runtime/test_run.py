"""Monitoring reads the figures of the desk, and a process that cannot do its work ends."""

import asyncio
from dataclasses import replace

import pytest

from bot import metrics
from bot.runtime.run import serve_with_jobs, update_gauges
from bot.supervision import Patience, Supervisor, TaskGivenUp
from rules.intake.requests import TicketRequest
from services.tickets import tickets
from tests.desks import Office

HOPELESS = Patience(first_pause=0, longest_pause=0, give_up=0)
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


async def test_a_task_that_is_given_up_ends_the_process_with_its_name(office: Office) -> None:
    async def fails() -> None:
        raise ValueError("half way")

    baton = replace(office.baton, supervisor=Supervisor(office.desk.health, patience=HOPELESS))
    running = asyncio.create_task(serve_with_jobs(baton, office.settings.model_copy(update={"port": 0})))
    async with baton.supervisor.supervise("tested", fails):
        with pytest.raises(TaskGivenUp, match="The task `tested` failed"):
            await running
