"""Tickets, baskets, gaps and leave brought to where a button or a form can be tried, by anybody."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from handlers.reassignment.reassignment import ShownPreview
from rules.errors import Refused
from rules.escalations.escalations import ImprovementKind, RejectionReason
from rules.forecasts.forecasts import Forecast
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.tickets import Priority
from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.presence import PresenceAction
from rules.presence.shifts import Shift
from services import intake
from services.desk import Desk
from services.escalations import escalations
from services.presence import presence
from services.reassignment import bulk
from services.reassignment.bulk import ReassignmentRequest
from services.tickets import tickets
from storage.escalations import improvement_items
from storage.json_values import to_json
from storage.presence.time_entries import add_leave, add_shift
from storage.schema.forecasts import LatestForecast
from storage.schema.people import BulkReassignment
from storage.tickets.tickets import get_ticket
from storage.transaction import Transaction
from tests.services import parts
from tests.services.vpn import BEN, EMIL, EVA, LENA, LEO, MIA, filed

GENERAL = "C0GENERAL"
PIA = "U0AGENT5"  # her escalations are looked at by a colleague first
PLAIN: dict[str, Any] = {
    **parts.WIDER,
    "teams": {
        **parts.WIDER["teams"],
        "support": {**parts.WIDER["teams"]["support"], "agents": ["U0AGENT1", BEN, PIA], "activities": ["Meeting"]},
    },
    "escalations": {"peer_review_below": "60%", "min_answers": 5},
}
OUTLOOK = Forecast((), late=0, breaches=0.0, low=0, high=0, clears_at=None, clears_p90_at=None, loads=())
LEVERS = (WhatIfAction(WhatIfKind.PAUSE, priority=Priority.LOW), WhatIfAction(WhatIfKind.HELP))

Value = Callable[[Desk, str], Awaitable[str]]


def just(value: str) -> Value:
    async def carried(desk: Desk, by: str) -> str:
        return value

    return carried


def of(prepare: Callable[[Desk, str], Awaitable[int]], more: str = "", *, word: str = "") -> Value:
    """The number of the ticket that was brought there; `more` is its round, `word` what was chosen under ⋯."""

    async def carried(desk: Desk, by: str) -> str:
        return f"{word}{':' if word else ''}{await prepare(desk, by)}{more}"

    return carried


def as_seen(prepare: Callable[[Desk, str], Awaitable[int]]) -> Value:
    """With how the ticket stood when the form was opened."""

    async def carried(desk: Desk, by: str) -> str:
        number = await prepare(desk, by)
        return f"{number}.{(await desk.read(get_ticket, number)).seq}"

    return carried


async def own_question(desk: Desk, by: str) -> int:
    """First line's question, which its agents may take back; Network's lead has asked it where Leo tries."""
    number = await filed(desk)
    asker, team = (LEO, "security") if by == LEO else (LENA, "network")
    if by == LEO:
        number = await parts.in_hand(desk, by)
    await desk.execute(escalations.escalate, number, by=asker, team=team, why="Odd traffic", tried="a scan")
    return number


async def looked_at_first(desk: Desk, by: str) -> int:
    """Pia's, of whose last five none was accepted."""
    for _ in range(5):
        number = await filed(desk, by=PIA)
        await desk.execute(escalations.escalate, number, by=PIA, team="network", why="Slow", tried="nothing")
        with suppress(Refused):  # it is looked at first already: she has been rejected often enough
            await desk.execute(escalations.reject, number, 1, by=EMIL, reason=RejectionReason.OTHER, comment="The log?")
    number = await filed(desk, by=PIA)
    await desk.execute(escalations.escalate, number, by=PIA, team="network", why="Slow", tried="nothing")
    return number


async def noted(desk: Desk, by: str) -> str:
    number = await parts.in_hand(desk, by)
    return f"{number}.{await desk.execute(tickets.add_note, number, by=LENA, text='Third time.')}"


async def asked_about(desk: Desk, by: str) -> str:
    """A mention that was taken for an order."""
    event = {"channel": GENERAL, "user": by, "text": "close 1"}
    await desk.execute_once("mention:asked", intake.keep_text, json.dumps(event))
    return "asked"


async def gap(desk: Desk, by: str) -> str:
    team = "network" if by == LEO else "support"
    await desk.execute(
        improvement_items.count_rejection, team=team, type_="network", kind=ImprovementKind.FORM, number=1
    )
    return f"{team}|network|{ImprovementKind.FORM}"


def lever(kind: WhatIfKind) -> Value:
    async def looked(desk: Desk, by: str) -> str:
        await desk.execute(_look)
        return f"network|{int(desk.clock().timestamp() * 1_000_000)}|{kind}"

    return looked


async def drawn(desk: Desk, by: str) -> str:
    """The preview of Emil's basket, as if this person had asked for it."""
    await parts.in_hand(desk, by)
    asked = ReassignmentRequest(EMIL, (EVA,), LEO)
    shown = await desk.read_in_worker(bulk.preview_reassignment, desk.policy, asked, at=desk.clock(), now=desk.clock())
    return ShownPreview.from_preview(shown).button_value


async def emils(desk: Desk, by: str) -> str:
    """Emil has a ticket; the preview is to be shown where it was asked for."""
    await parts.in_hand(desk, by)
    return json.dumps({"channel": GENERAL, "url": ""})


async def moved(desk: Desk, by: str) -> str:
    return f"{await _basket(desk, EMIL, EVA, number=await parts.in_hand(desk, by))}.answer"


async def handed_over(desk: Desk, by: str) -> str:
    """This person's own basket, who is back; Emil's, for who has none."""
    giver = by if by in (BEN, EVA, LEO) else EMIL
    id_ = await _basket(desk, giver, EMIL if giver != EMIL else EVA, number=await parts.offered(desk, by))
    await desk.execute(
        lambda tx: (
            tx.execute(update(BulkReassignment).where(BulkReassignment.id == id_).values(returned_at=tx.now)).rowcount
        )
    )
    return str(id_)


def where(what: PresenceAction, value: str) -> Value:
    """What can be pressed by somebody who has pressed `what` before."""

    async def standing(desk: Desk, by: str) -> str:
        with suppress(Refused):  # they are so already, or nobody here asks where they are
            await desk.execute(presence.set_presence, by=by, what=what)
        return value

    return standing


async def leave(desk: Desk, by: str) -> str:
    """One's own, or Emil's where one is of no team."""
    whom = by if by in (BEN, EVA, LEO) else EMIL
    return f"{whom}:{await desk.execute(_leave, whom)}"


async def shift(desk: Desk, by: str) -> str:
    """One's own, or Emil's where one is of no team."""
    whom = by if by in (BEN, EVA, LEO) else EMIL
    return f"{whom}:{await desk.execute(_shift, whom)}"


async def themselves(desk: Desk, by: str) -> str:
    return by


async def _basket(desk: Desk, giver: str, receiver: str, *, number: int) -> int:
    asked = ReassignmentRequest(giver, (receiver,), MIA)
    shown = await desk.read_in_worker(bulk.preview_reassignment, desk.policy, asked, at=desk.clock(), now=desk.clock())
    assert number in shown.items
    return await desk.execute(bulk.reassign_tickets, shown)


def _look(tx: Transaction) -> None:
    levers = [to_json(one) for one in LEVERS]
    row = LatestForecast(workspace_id=tx.workspace, team="network", at=tx.now, outlook=to_json(OUTLOOK), levers=levers)
    tx.session.merge(row)


def _leave(tx: Transaction, whom: str) -> int:
    begins, ends = datetime(2027, 1, 4, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)
    return add_leave(tx, whom, LeavePeriod(begins, ends, LeaveKind.HOLIDAY), by=whom).id


def _shift(tx: Transaction, whom: str) -> int:
    begins, ends = datetime(2027, 1, 9, 8, tzinfo=UTC), datetime(2027, 1, 9, 12, tzinfo=UTC)
    return add_shift(tx, whom, Shift(begins, ends), by=whom).id
