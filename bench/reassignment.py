"""The cost of a bulk reassignment of two thousand tickets, in one transaction."""

import statistics
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, insert

from bench import databases
from bench.databases import DATABASES
from bench.tables import table_lines
from rules.calendars.calendars import Calendar
from rules.model.policy import Policy, Team
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from rules.reassignment import PlannedMove, ReassignmentCause
from services.assignment.assignments import ASSIGNMENT_CARD
from services.reassignment import transfer
from storage.database import create_writer_engine, parse_database_url
from storage.outbox.outbox import TICKET_CARD, MessageKind
from storage.reassignment import bulk
from storage.schema.tickets import Event, MessageReference, Ticket, TimerRow

TICKETS, ROUNDS, GOAL_MS = 2_000, 9, 1_000
WORKSPACE, PREVIOUS_ASSIGNEE, LEAD = "T0BENCH", "U0GIVER1", "U0LEAD1"
RECEIVERS = tuple(f"U0TAKER{n}" for n in range(4))
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADS = ("database", "tickets", "receivers", "moved ms", "goal ms")
OFFICE = Policy(
    calendars={"office": Calendar("Europe/Warsaw", (*[((8 * 3600, 16 * 3600),)] * 5, (), ()), holidays="PL")},
    teams={
        "support": Team(
            "support",
            "Support",
            channel="C0SUPPORT",
            calendar="office",
            leads=(LEAD,),
            agents=(PREVIOUS_ASSIGNEE, *RECEIVERS),
        )
    },
)


def report_lines() -> list[str]:
    """The lines to print: one reassignment on each database, with its events, cards and timers."""
    rows = [(kind, f"{TICKETS:,}", len(RECEIVERS), f"{_median_ms(kind):.0f}", f"{GOAL_MS:,}") for kind in DATABASES]
    return table_lines(HEADS, rows)


def _median_ms(kind: str) -> float:
    with DATABASES[kind]() as make_database:
        engine = create_writer_engine(parse_database_url(make_database("bench_reassignment")))
        with engine.begin() as connection:
            _insert_tickets(connection)
        databases.update_statistics(engine)
        times = [_timed_move_ms(engine) for _ in range(ROUNDS)]
        engine.dispose()
    return statistics.median(times)


def _timed_move_ms(engine: Engine) -> float:
    with databases.rolled_back(engine, policy=OFFICE, workspace=WORKSPACE, now=NOW) as tx:
        began = time.perf_counter()
        held = bulk.lock_open_tickets(tx, range(1, TICKETS + 1))
        moves = [PlannedMove(number, was.seq, RECEIVERS[number % len(RECEIVERS)]) for number, was in held.items()]
        transfer.carry_out_moves(tx, PREVIOUS_ASSIGNEE, moves, held, by=LEAD, why=ReassignmentCause.BY_HAND)
        tx.flush()
        seconds = time.perf_counter() - began
    if len(moves) != TICKETS:
        raise RuntimeError(f"{len(moves)} tickets were moved, not {TICKETS}.")
    return seconds * 1000


def _insert_tickets(connection: Connection) -> None:
    """Tickets in progress, each with two timers, three events and two messages."""
    numbers = range(1, TICKETS + 1)
    connection.execute(insert(Ticket), [_ticket_row(number) for number in numbers])
    kinds = (TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION)
    connection.execute(insert(TimerRow), [_timer_row(number, kind) for number in numbers for kind in kinds])
    connection.execute(insert(Event), [_event_row(number, seq) for number in numbers for seq in (1, 2, 3)])
    places = ((TICKET_CARD, "C0SUPPORT", ""), (ASSIGNMENT_CARD, PREVIOUS_ASSIGNEE, ".2"))
    connection.execute(
        insert(MessageReference), [_message_row(number, *place) for number in numbers for place in places]
    )


def _ticket_row(number: int) -> dict[str, object]:
    facts = dict.fromkeys(("title", "type", "team", "first_line", "requester", "registered_by"), "support")
    ours = {"workspace_id": WORKSPACE, "priority": Priority.NORMAL, "reply_by": ReplyBy.SLACK}
    state = {
        "status": Status.IN_PROGRESS,
        "assignee": PREVIOUS_ASSIGNEE,
        "seq": 3,
        "created_at": NOW - timedelta(days=1),
    }
    return {**facts, **ours, **state, "number": number}


def _timer_row(number: int, kind: TimerKind) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "number": number, "target": kind, "total_s": 3600, "state": TimerState.RUNNING}
    return {**ours, "started_at": NOW - timedelta(hours=1), "due_at": NOW + timedelta(hours=1)}


def _event_row(number: int, seq: int) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "number": number, "seq": seq, "kind": "noted", "at": NOW, "by": LEAD}
    return {**ours, "status": Status.IN_PROGRESS, "team": "support", "assignee": PREVIOUS_ASSIGNEE, "data": {}}


def _message_row(number: int, kind: MessageKind, destination: str, suffix: str) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "number": number, "kind": str(kind), "subject": f"{number}{suffix}"}
    return {**ours, "lane": destination, "channel": destination, "ts": f"{number}.000{len(suffix)}"}
