"""A basket of two thousand tickets changes hands: what that costs the database, in one transaction."""

import statistics
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, insert

from bench import databases
from bench.sweep import KINDS, tidy
from bench.tables import table
from rules.calendars.calendars import Calendar
from rules.model.policy import Policy, Team
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from rules.reassignment import PlannedMove, ReassignmentCause
from services.reassignment import transfer
from storage.database import create_writer_engine, parse_database_url
from storage.outbox.outbox import MessageKind
from storage.reassignment import bulk
from storage.schema.tickets import Event, MessageReference, Ticket, TimerRow

MANY, TIMES, GOAL_MS = 2_000, 9, 1_000
WORKSPACE, GIVER, LEAD = "T0BENCH", "U0GIVER1", "U0LEAD1"
RECEIVERS = tuple(f"U0TAKER{n}" for n in range(4))
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADS = ("database", "tickets", "receivers", "moved ms", "goal ms")
OFFICE = Policy(
    calendars={"office": Calendar("Europe/Warsaw", (*[((8 * 3600, 16 * 3600),)] * 5, (), ()), holidays="PL")},
    teams={
        "support": Team(
            "support", "Support", channel="C0SUPPORT", calendar="office", leads=(LEAD,), agents=(GIVER, *RECEIVERS)
        )
    },
)


def measured() -> list[str]:
    """The lines to print: one move on each database, with its story, its cards and its clocks."""
    rows = [(kind, f"{MANY:,}", len(RECEIVERS), f"{_took(kind):.0f}", f"{GOAL_MS:,}") for kind in KINDS]
    return table(HEADS, rows)


def _took(kind: str) -> float:
    """Milliseconds at the median."""
    with KINDS[kind]() as made:
        engine = create_writer_engine(parse_database_url(made("bench_baskets")))
        with engine.begin() as connection:
            _fill(connection)
        tidy(engine)
        took = [_timed(engine) for _ in range(TIMES)]
        engine.dispose()
    return statistics.median(took)


def _timed(engine: Engine) -> float:
    """One move that is then undone, so that the next one finds the same."""
    with databases.undone(engine, policy=OFFICE, workspace=WORKSPACE, now=NOW) as work:
        began = time.perf_counter()
        held = bulk.lock_open_tickets(work, range(1, MANY + 1))
        moves = [PlannedMove(number, was.seq, RECEIVERS[number % len(RECEIVERS)]) for number, was in held.items()]
        transfer.carry_out_moves(work, GIVER, moves, held, by=LEAD, why=ReassignmentCause.BY_HAND)
        work.flush()
        took = time.perf_counter() - began
    if len(moves) != MANY:
        raise RuntimeError(f"{len(moves)} tickets were moved, not {MANY}.")
    return took * 1000


def _fill(connection: Connection) -> None:
    """Tickets in progress, each with its two clocks, three events, its card and the offer's."""
    numbers = range(1, MANY + 1)
    connection.execute(insert(Ticket), [_ticket(number) for number in numbers])
    kinds = (TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION)
    connection.execute(insert(TimerRow), [_clock(number, kind) for number in numbers for kind in kinds])
    connection.execute(insert(Event), [_event(number, seq) for number in numbers for seq in (1, 2, 3)])
    places = ((MessageKind.TICKET_CARD, "C0SUPPORT", ""), (MessageKind.OFFER, GIVER, ".2"))
    connection.execute(insert(MessageReference), [_post(number, *place) for number in numbers for place in places])


def _ticket(number: int) -> dict[str, object]:
    facts = dict.fromkeys(("title", "type", "team", "first_line", "requester", "registered_by"), "support")
    ours = {"workspace_id": WORKSPACE, "priority": Priority.NORMAL, "reply_by": ReplyBy.SLACK}
    stands = {"status": Status.IN_PROGRESS, "assignee": GIVER, "seq": 3, "created_at": NOW - timedelta(days=1)}
    return {**facts, **ours, **stands, "number": number}


def _clock(number: int, kind: TimerKind) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "number": number, "target": kind, "total_s": 3600, "state": TimerState.RUNNING}
    return {**ours, "started_at": NOW - timedelta(hours=1), "due_at": NOW + timedelta(hours=1)}


def _event(number: int, seq: int) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "number": number, "seq": seq, "kind": "noted", "at": NOW, "by": LEAD}
    return {**ours, "status": Status.IN_PROGRESS, "team": "support", "assignee": GIVER, "data": {}}


def _post(number: int, kind: MessageKind, lane: str, more: str) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "number": number, "kind": str(kind), "subject": f"{number}{more}"}
    return {**ours, "lane": lane, "channel": lane, "ts": f"{number}.000{len(more)}"}
