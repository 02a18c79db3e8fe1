"""What people and leads ask of a big desk: from the signed request to the answer, wherever that arrives."""

import asyncio
import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import insert

from bench import databases
from bench.filing import baton_process, local_slack
from bench.load_generator import signature_headers
from bench.tables import table_lines
from rules.config.policy import parse_policy
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import SlaTimer, TimerKind
from rules.sla import timers
from rules.sla.targets import SlaCase
from storage.database import create_writer_engine, parse_database_url
from storage.events import EventKind
from storage.migrations.migrate import upgrade_schema
from storage.schema.tickets import Event, Ticket, TimerRow, Workspace
from storage.sla.timers import timer_row

SIZES = {10_000: 150, 100_000: 500}  # open tickets, and within how many milliseconds each answer comes
ROUNDS = 5
SLOWEST_JOB, JOB_TIMEOUT_SECONDS = "forecasts.learn", 300
CHUNK = 5_000  # tickets that are inserted together
WORKSPACE, MANAGER = "T0BENCH", "U0MANAGER1"
TEAMS, PEOPLE_PER_TEAM, TYPES_PER_TEAM, DAYS = ("support", "office", "field", "network", "billing"), 12, 3, 30
MINUTES_PER_DAY = 24 * 60
PEOPLE = {team: [f"U0{team.upper()}{n}" for n in range(PEOPLE_PER_TEAM)] for team in TEAMS}
CONFIGURATION: dict[str, Any] = {
    "calendars": {"office": {"timezone": "Europe/Warsaw", "hours": {"mon-fri": ["08:00-16:00"]}, "holidays": "PL"}},
    "teams": {
        team: {
            "name": team.title(),
            "line": "first",
            "channel": f"C0{team.upper()}",
            "calendar": "office",
            "leads": people[:1],
            "agents": people[1:],
        }
        for team, people in PEOPLE.items()
    },
    "managers": [MANAGER],
    "types": {
        f"{team}{n}": {"name": f"{team.title()} {n}", "team": team} for team in TEAMS for n in range(TYPES_PER_TEAM)
    },
    "sla": [
        {"priority": "critical", "first_response": "30m", "resolution": "8h"},
        {"priority": "high", "first_response": "2h", "resolution": "5d"},
        {"first_response": "8h", "resolution": "20d"},
    ],
    "warn_at": ["50%", "80%"],
}
POLICY = parse_policy(CONFIGURATION)
# Of each twenty open tickets so many are new, with a person who has not begun, in progress, and with the customer.
STATUSES = (Status.NEW,) * 6 + (Status.ASSIGNED,) * 5 + (Status.IN_PROGRESS,) * 6 + (Status.WAITING,) * 3
HISTORIES: dict[Status, tuple[tuple[EventKind, Status], ...]] = {
    Status.NEW: (),
    Status.ASSIGNED: ((EventKind.ASSIGNED, Status.ASSIGNED),),
    Status.IN_PROGRESS: ((EventKind.ASSIGNED, Status.ASSIGNED), (EventKind.STARTED, Status.IN_PROGRESS)),
    Status.WAITING: ((EventKind.TAKEN, Status.IN_PROGRESS), (EventKind.WAITING, Status.WAITING)),
    Status.RESOLVED: ((EventKind.TAKEN, Status.IN_PROGRESS), (EventKind.RESOLVED, Status.RESOLVED)),
}
ASSIGNEE = PEOPLE["support"][1]
QUESTIONS: dict[str, tuple[str, str, str]] = {
    "/report": (MANAGER, "/report", ""),
    "/report me": (ASSIGNEE, "/report", "me"),
    "/report yesterday": (MANAGER, "/report", "yesterday"),
    "/report who": (MANAGER, "/report", "who"),
    "/report who yesterday": (MANAGER, "/report", "who yesterday"),
    "/report times": (MANAGER, "/report", "times"),
    "/report escalations": (MANAGER, "/report", "escalations"),
    "/report hours": (MANAGER, "/report", "hours"),
    "/desk": (MANAGER, "/desk", ""),
    "/desk (own team)": (ASSIGNEE, "/desk", ""),
    "/desk who": (MANAGER, "/desk", "who support1"),
    "/desk move": (MANAGER, "/desk", f"move <@{ASSIGNEE}> <@{PEOPLE['support'][2]}> <@{PEOPLE['support'][3]}>"),
    "/desk risk": (MANAGER, "/desk", "risk"),
    "/desk next": (ASSIGNEE, "/desk", "next"),
    "/desk health": (MANAGER, "/desk", "health"),
    "/ticket list": (ASSIGNEE, "/ticket", "list"),
    "/ticket list unassigned": (MANAGER, "/ticket", "list unassigned"),
    "/ticket list overdue": (MANAGER, "/ticket", "list overdue"),
    "/ticket list near": (ASSIGNEE, "/ticket", "list near"),
    "/ticket list near, all": (MANAGER, "/ticket", "list near"),
    "/ticket list all": (ASSIGNEE, "/ticket", "list all"),
}
HEADS = ("asked", *(f"{size:,} ms" for size in SIZES), *("goal" for _ in SIZES))
Row = dict[str, object]


def report_lines() -> list[str]:
    """The lines to print: the median of each answer at each size."""
    by_size = {size: asyncio.run(_median_times(size)) for size in SIZES}
    names = list(next(iter(by_size.values())))
    rows = [[name, *(f"{by_size[size][name]:.0f}" for size in SIZES), *SIZES.values()] for name in names]
    return table_lines(HEADS, rows)


async def _median_times(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as name:
        folder = Path(name)
        await asyncio.to_thread(fill_desk, f"sqlite+aiosqlite:///{folder / 'bench.db'}", size)
        async with (
            local_slack(_company()) as api_url,
            baton_process(folder, api_url, CONFIGURATION) as (port, _),
            _Asker.listening(port) as asker,
        ):
            await asker.wait_for_job(SLOWEST_JOB)
            return {name: await _median_ms(ask) for name, ask in asker.questions().items()}


async def _median_ms(ask: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


class _Asker:
    """Sends signed requests, and waits for the answer: in the response, or at the response_url."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._session = session
        self._serials = itertools.count(1)
        self._answers: dict[str, asyncio.Future[None]] = {}
        self.response_url = ""

    @classmethod
    @asynccontextmanager
    async def listening(cls, port: int) -> AsyncIterator["_Asker"]:
        async with aiohttp.ClientSession() as session:
            asker = cls(port, session)
            app = web.Application()
            app.router.add_post("/{serial}", asker._take_answer)
            runner = web.AppRunner(app)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            asker.response_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            try:
                yield asker
            finally:
                await runner.cleanup()

    async def wait_for_job(self, name: str) -> None:
        """The jobs of the start read much themselves; what people ask an hour later is measured."""
        async with asyncio.timeout(JOB_TIMEOUT_SECONDS):
            while True:
                if f'job="{name}"' in await self._metrics():
                    return
                await asyncio.sleep(1)

    def questions(self) -> dict[str, Callable[[], Awaitable[object]]]:
        typed = {name: self._command(*question) for name, question in QUESTIONS.items()}
        homes = {"Home of an agent": self._home(ASSIGNEE), "Home of a manager": self._home(MANAGER)}
        return {**typed, **homes, "/metrics": self._metrics}

    def _command(self, user: str, command: str, text: str) -> Callable[[], Awaitable[object]]:
        async def ask() -> None:
            serial = str(next(self._serials))
            answered = self._answers[serial] = asyncio.get_running_loop().create_future()
            fields = {"command": command, "text": text, "response_url": f"{self.response_url}/{serial}"}
            body = await self._post(user, {**fields, "trigger_id": f"{serial}.1"})
            if not body:
                await answered

        return ask

    def _home(self, user: str) -> Callable[[], Awaitable[object]]:
        async def ask() -> None:
            event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D0", "event_ts": "1.1"}
            about = {"type": "event_callback", "team_id": WORKSPACE, "api_app_id": "A0BENCH", "event_time": 1}
            await self._send(json.dumps({**about, "event_id": f"Ev{next(self._serials)}", "event": event}), "json")

        return ask

    async def _metrics(self) -> str:
        async with self._session.get(f"{self._url}/metrics") as answer:
            return await answer.text()

    async def _post(self, user: str, fields: Mapping[str, str]) -> bytes:
        place = {"team_id": WORKSPACE, "channel_id": "C0SUPPORT", "channel_name": "support", "api_app_id": "A0BENCH"}
        form = aiohttp.FormData({"user_id": user, "user_name": user.lower(), **place, **fields})
        return await self._send(form().decode(), "x-www-form-urlencoded")

    async def _send(self, body: str, kind: str) -> bytes:
        headers = {"Content-Type": f"application/{kind}", **signature_headers(body)}
        async with self._session.post(f"{self._url}/slack/events", data=body.encode(), headers=headers) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def _take_answer(self, request: web.Request) -> web.Response:
        answered = self._answers[request.match_info["serial"]]
        if not answered.done():
            answered.set_result(None)
        return web.Response()


def fill_desk(address: str, size: int) -> None:
    """So many open tickets of the last weeks, and half as many resolved ones."""
    upgrade_schema(address)
    engine = create_writer_engine(parse_database_url(address))
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    numbers = range(1, size + size // 2 + 1)
    with engine.begin() as connection:
        for start in range(0, len(numbers), CHUNK):
            chunk = [_ticket_row(number, size, now) for number in numbers[start : start + CHUNK]]
            connection.execute(insert(Ticket), chunk)
            connection.execute(insert(Event), [row for ticket in chunk for row in _event_rows(ticket)])
            connection.execute(insert(TimerRow), [row for ticket in chunk for row in _timer_rows(ticket, now)])
        connection.execute(insert(Workspace), {"workspace_id": WORKSPACE, "last_number": len(numbers)})
    databases.update_statistics(engine)
    engine.dispose()


def _ticket_row(number: int, size: int, now: datetime) -> Row:
    draw = random.Random(number)
    status = draw.choice(STATUSES) if number <= size else Status.RESOLVED
    team = draw.choice(TEAMS)
    person = draw.choice(PEOPLE[team])
    created_at = now - timedelta(minutes=draw.randrange(DAYS * MINUTES_PER_DAY))
    resolved_at = created_at + (now - created_at) * draw.random() if status is Status.RESOLVED else None
    return {
        "workspace_id": WORKSPACE,
        "number": number,
        "seq": 1 + len(HISTORIES[status]),
        "title": f"The screen of desk {number} stays dark",
        "description": "It was well yesterday. " * 5,
        "status": status,
        "priority": draw.choice(tuple(Priority)),
        "type": f"{team}{draw.randrange(TYPES_PER_TEAM)}",
        "team": team,
        "first_line": team,
        "requester": f"U0CLIENT{number % 997}",
        "registered_by": f"U0CLIENT{number % 997}",
        "assignee": None if status is Status.NEW else person,
        "reply_by": ReplyBy.SLACK,
        "created_at": created_at,
        "resolved_at": resolved_at,
        "resolved_by": person if resolved_at else None,
        "promised_under": 1,
    }


def _event_rows(ticket: Row) -> Iterator[Row]:
    created_at, person = ticket["created_at"], ticket["assignee"]
    assert isinstance(created_at, datetime)
    end = ticket["resolved_at"] or created_at + timedelta(hours=3)
    assert isinstance(end, datetime)
    history = ((EventKind.CREATED, Status.NEW), *HISTORIES[Status(str(ticket["status"]))])
    for seq, (kind, status) in enumerate(history, start=1):
        yield {
            **{name: ticket[name] for name in ("workspace_id", "number", "team")},
            "seq": seq,
            "kind": str(kind),
            "at": created_at + (end - created_at) * ((seq - 1) / max(len(history) - 1, 1)),
            "by": person or "U0CLIENT1",
            "status": status,
            "assignee": None if status is Status.NEW else person,
            "data": {},
        }


def _timer_rows(ticket: Row, now: datetime) -> Iterator[Row]:
    """The first reply is met where somebody has begun; the resolution pauses with the customer."""
    number, created_at, resolved_at = ticket["number"], ticket["created_at"], ticket["resolved_at"]
    assert isinstance(number, int)
    assert isinstance(created_at, datetime)
    first, whole = _started_timers(Priority(str(ticket["priority"])), created_at)
    if ticket["status"] not in (Status.NEW, Status.ASSIGNED):
        first = timers.close_timer(POLICY, first, created_at + timedelta(minutes=20))
    if ticket["status"] == Status.WAITING:
        whole = timers.pause_timer(POLICY, whole, created_at + timedelta(hours=3))
    elif isinstance(resolved_at, datetime):
        whole = timers.close_timer(POLICY, whole, resolved_at)
    for timer in (first, whole):
        alerted, _ = timers.advance_alert(POLICY, timer, now)
        yield timer_row(WORKSPACE, number, replace(alerted, next_alert_at=None))


@cache
def _started_timers(priority: Priority, at: datetime) -> tuple[SlaTimer, SlaTimer]:
    case = SlaCase(type="", priority=priority, team="", customer="", company="", channel="", step="", expert_team="")
    first, whole = (
        timers.start_timer(POLICY, kind, case, at) for kind in (TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION)
    )
    assert first is not None
    assert whole is not None
    return first, whole


def _company() -> dict[str, Any]:
    everybody = [MANAGER, *(person for people in PEOPLE.values() for person in people)]
    members = [*everybody, "U0BATON"]
    return {
        "people": [{"id": person, "name": person.lower(), "real_name": person.title()} for person in everybody],
        "channels": [{"id": f"C0{team.upper()}", "name": team, "members": members} for team in TEAMS],
    }
