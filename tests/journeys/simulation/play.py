"""The desk is lived through: people act at once, the clock jumps, Slack and the database fail, the process dies."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.emulator.faults import Fault
from bot.emulator.server import Emulator
from bot.runtime.assembly import Baton
from bot.runtime.jobs import run_if_due
from bot.settings import Settings, make_settings
from services import desk
from services.config import apply_configuration, reload_configuration
from services.desk import Desk
from storage.database import Database, create_writer_engine, parse_database_url
from tests.desks import HeldClock, patient_emulator
from tests.journeys.simulation import acts, findings
from tests.journeys.simulation.acts import Answer, Tried
from tests.journeys.simulation.model import Model, Refusal, Step, Ticket
from tests.journeys.simulation.process import Process
from tests.journeys.simulation.world import GENERAL, MANAGER, PEOPLE, WORLD, company, team_people

MINUTE = timedelta(minutes=1)
MAX_BACKOFF_SECONDS = 301
TRIES = 6  # within half an hour everything is sent, however far the clock was set back
SHOWN = 12
RECENT = 8  # the tickets that people still care about
TWICE = 0.2
FOREIGN = 0.1
WARSAW = ZoneInfo("Europe/Warsaw")
LOCKED_SECONDS = 0.2
LEFT_OUT = ("forecasts.", "people.refresh")  # jobs that wait for Slack's pace, or compute at length
FILES = 0.15
UNLIKELY = 0.2  # how often somebody does what they may not, or what is out of place
TALK = ("note", "write_in_team_thread", "write_in_own_thread")
LIKELY = {
    "new": ("take", "take", "assign", "escalate", "escalate", "resolve", "reply", *TALK),
    "assigned": ("start", "start", "hand_back", "take", "assign", "escalate", *TALK),
    "in_progress": ("reply", "reply", "wait", "wait", "resolve", "escalate", "escalate", "assign", *TALK),
    "waiting": ("write_in_own_thread", "write_in_own_thread", "take", "resolve", "assign", "escalate", *TALK),
    "escalated": (
        "accept",
        "accept",
        "reject",
        "ask_back",
        "ask_back",
        "redirect",
        "withdraw",
        "resolve",
        "reply",
        *TALK,
    ),
    "resolved": ("reopen", "write_in_own_thread", "reply"),
}
VERBS = sorted({verb for verbs in LIKELY.values() for verb in verbs})
DECISIONS = ("accept", "reject", "ask_back", "redirect")
EVENTS = {
    "act": 60,
    "forward": 14,
    "jobs": 8,
    "fault": 14,
    "kill": 6,
    "back": 2,
    "lock": 3,
    "lose": 8,
    "cut": 3,
    "refuse": 2,
}
METHODS = {
    **{"chat.postMessage": 5, "chat.update": 3},
    **{"conversations.open": 1, "conversations.history": 1, "conversations.replies": 1},
}
FAULTS: tuple[Fault, ...] = (
    {"ratelimited": 30},
    {"error": "internal_error"},
    {"error": "service_unavailable", "status": 503},
    {"drop_before": True},
    {"drop_after": True},
    {"drop_after": True},
)


class Simulation:
    """One run: everything random comes from its seed and the number of the step, so that it can be played again."""

    def __init__(self, seed: int, emulator: Emulator, settings: Settings, clock: HeldClock, watcher: Desk) -> None:
        self.seed = seed
        self.emulator = emulator
        self.settings = settings
        self.clock = clock
        self.watcher = watcher
        self.model = Model()
        self.process = Process(settings, clock)
        self.log: list[str] = []
        self._words = 0
        self._is_mute = False
        self._latest = clock.now

    async def live(self, steps: int) -> None:
        for step in range(steps):
            dice = Random(f"{self.seed} {step}")
            event = dice.choices(list(EVENTS), list(EVENTS.values()))[0]
            self.log.append(f"{step} {self.clock.now:%d %H:%M} {event}")
            await getattr(self, f"_{event}")(dice)
            if step % 25 == 24:
                await self._calm_down()
        await self._calm_down()

    # what happens

    async def _act(self, dice: Random) -> None:
        """One to three people at once, often on the same ticket."""
        await self._done(dice, self._steps(dice))

    async def _lose(self, dice: Random) -> None:
        """Slack posts the card of a new ticket, and the answer gets lost."""
        self.emulator.faults.fail_next("chat.postMessage", drop_after=True)
        await self._done(dice, [self._filing(dice)])

    async def _done(self, dice: Random, steps: Sequence[Step]) -> None:
        tried = await self._tried(dice, steps)
        await self._settle()
        await self._explain(tried)

    async def _tried(self, dice: Random, steps: Sequence[Step]) -> list[Tried]:
        ready = [one for step in steps if (one := await acts.prepare(self.emulator, self.watcher, step, dice))]
        refused = [one for one in ready if isinstance(one, Tried)]
        tried = refused + await asyncio.gather(*[act() for act in ready if not isinstance(act, Tried)])
        if self._is_mute:  # a press is answered by a message alone
            tried = [replace(one, answer=Answer.LOST) if one.step.verb in acts.PRESSED else one for one in tried]
        self.log += [f"  {one.answer}: {one.step} {one.words[:100]}" for one in tried]
        return tried

    async def _kill(self, dice: Random) -> None:
        self.process.kill_after_commits(dice.randint(1, 6))
        await self._act(dice)

    async def _forward(self, dice: Random) -> None:
        minutes = dice.choices((1, 7, 40, 180, 900), (4, 6, 6, 2, 1))[0]
        self.clock.forward(minutes=dice.randint(1, minutes))

    async def _back(self, dice: Random) -> None:
        self.clock.now -= dice.randint(20, 60) * MINUTE

    async def _jobs(self, dice: Random) -> None:
        async def run_all(baton: Baton) -> None:
            for job in baton.registry.jobs_in_order:
                if not job.name.startswith(LEFT_OUT):
                    await run_if_due(baton.desk, baton.slack, job)

        await self.process.run(run_all)

    async def _lock(self, dice: Random) -> None:
        """Nobody can write while these people act; each of them reads that nothing was saved."""
        desk.WRITE_TIMEOUT_SECONDS, patience = LOCKED_SECONDS, desk.WRITE_TIMEOUT_SECONDS
        try:
            with locked(self.settings.database_url):
                tried = await self._tried(dice, self._steps(dice))
        finally:
            desk.WRITE_TIMEOUT_SECONDS = patience
        await self._settle()
        await self._explain([replace(one, answer=Answer.LOST) if one.answer is Answer.SAID else one for one in tried])

    async def _cut(self, dice: Random) -> None:
        """The database ends every connection while people act."""
        acting = asyncio.create_task(self._tried(dice, self._steps(dice)))
        await asyncio.to_thread(cut_connections, self.settings.database_url)
        tried = await acting
        await self._settle()
        await self._explain(tried)

    async def _refuse(self, dice: Random) -> None:
        """Slack takes nothing from the app until the desk calms down."""
        self.emulator.faults.refuse_app(dice.choice(("account_inactive", "token_revoked", "invalid_auth")))
        self._is_mute = True

    async def _fault(self, dice: Random) -> None:
        method, fault = dice.choices(list(METHODS), list(METHODS.values()))[0], dice.choice(FAULTS)
        self.log.append(f"  {method} {fault}")
        self.emulator.faults.fail_next(method, times=dice.randint(1, 3), **fault)

    # who does what

    def _steps(self, dice: Random) -> list[Step]:
        """Of different people, mostly about the same ticket."""
        numbers = sorted(self.model.tickets)[-RECENT:]
        same = dice.choice(numbers) if numbers else 0
        steps: dict[str, Step] = {}
        for _ in range(dice.choices((1, 2, 3), (5, 3, 2))[0]):
            is_new = not numbers or dice.random() < FILES
            step = self._filing(dice) if is_new else self._deed(dice, dice.choice((same, same, dice.choice(numbers))))
            steps.setdefault(step.by, step)
        return list(steps.values())

    def _filing(self, dice: Random) -> Step:
        self._words += 1
        by = dice.choice(PEOPLE)
        place, title = dice.choice(("", "", GENERAL)), f"Trouble {self._words} of {by}"
        if self._is_mute:  # then Baton cannot find out whether it may answer in a mention's thread
            place = ""
        return Step("file", by, 0, to=place, title=title, twice=dice.random() < TWICE)

    def _deed(self, dice: Random, number: int) -> Step:
        ticket = self.model.tickets[number]
        verb = dice.choice(VERBS if dice.random() < UNLIKELY else LIKELY[ticket.status])
        by = dice.choice(PEOPLE if dice.random() < UNLIKELY else self._likely_people(ticket, verb))
        self._words += 1
        step = Step(verb, by, number, mark=f"w{self._words}q", to=ticket.place, title=ticket.title)
        if verb in DECISIONS:  # now and then on the card of an earlier round
            step = replace(step, round=max(1, len(ticket.rounds) - (dice.random() < UNLIKELY)))
        foreign = verb in acts.PRESSES and by != ticket.requester and dice.random() < FOREIGN
        return replace(step, seen=len(ticket.events), twice=dice.random() < TWICE, foreign=foreign)

    def _likely_people(self, ticket: Ticket, verb: str) -> Sequence[str]:
        if verb in ("start", "hand_back") and ticket.assignee:
            return [ticket.assignee]
        if verb == "write_in_own_thread":
            return [ticket.requester]
        if verb in DECISIONS and ticket.rounds:
            return team_people(ticket.rounds[-1].team)
        return team_people(ticket.team)

    # what must hold

    async def _explain(self, tried: Sequence[Tried]) -> None:
        """The saved state is that of the steps one after another in some order, each with the answer that it got."""
        titles = await self.watcher.read(findings.titles)
        tried = [_numbered(one, titles) for one in tried]
        numbers = {one.step.number for one in tried}
        saved = await self.watcher.read(findings.saved_states, numbers)
        self._latest = max(self._latest, self.clock.now)
        for trial in self._trials(tried, numbers):
            if findings.model_states(trial, numbers) == saved:
                self.model.join(trial)
                break
        else:
            raise AssertionError(self._story(self._difference(saved)))
        unexplained = set(titles.values()) ^ set(self.model.tickets)
        assert not unexplained, self._story(f"unexplained tickets: {unexplained}")

    def _trials(self, tried: Sequence[Tried], numbers: set[int]) -> Iterator[Model]:
        for order in permutations(tried):
            for done in product((True, False), repeat=len(order)):
                trial = self.model.fork(numbers)
                if all(_fits(trial, one, self.clock, was_done) for one, was_done in zip(order, done, strict=True)):
                    yield trial

    def _difference(self, saved: dict[int, Any]) -> str:
        before = findings.model_states(self.model, saved)
        return "\n".join(f"#{number} was {before.get(number)}\n     is  {state}" for number, state in saved.items())

    async def _calm_down(self) -> None:
        """The faults are over, and everything that waits is sent."""
        self._accept()
        slack = await self._delivered()
        faults = [*slack.undelivered(self.clock.now), *slack.posted_twice(), *slack.stale_cards(self.model)]
        assert not faults, self._story("\n".join(faults[:SHOWN]))
        said, meant = slack.said(), self.model.said
        too_little = [one for one in (meant - said) if not self.model.has_lost_its_point(one)]
        assert not (too_little or said - meant), self._story(f"too much: {said - meant}\ntoo little: {too_little}")
        await self._compare_all()
        await self._compare_report()

    async def _compare_report(self) -> None:
        if self.clock.now < self._latest:
            return  # what was done "later" is not counted yet
        text = await self._report()
        figures = re.search(r"Created (\d+) · Resolved (\d+) · Backlog (\d+)", text)
        meant = self.model.figures(self.clock.now.astimezone(WARSAW).date(), WARSAW)
        assert figures and tuple(map(int, figures.groups())) == meant, self._story(f"{text!r} is not {meant}")

    async def _report(self) -> str:
        """On a busy machine the answer comes after the acknowledgement."""

        def shown() -> list[str]:
            return [one["text"] for one in manager.visible_messages(GENERAL) if one["text"].startswith("Report of")]

        manager = self.emulator.person(MANAGER)
        before = len(shown())
        await manager.command(GENERAL, "/report")
        await self.emulator.wait_until(lambda: len(shown()) > before)
        return shown()[-1]

    def _accept(self) -> None:
        self.emulator.faults.clear()
        self._is_mute = False

    async def _compare_all(self) -> None:
        saved = await self.watcher.read(findings.saved_states, set(self.model.tickets))
        meant = findings.model_states(self.model, set(self.model.tickets))
        wrong = {number: (saved.get(number), state) for number, state in meant.items() if saved.get(number) != state}
        assert not wrong, self._story(str(wrong))

    async def _delivered(self) -> findings.Slack:
        for _ in range(TRIES):
            await self._settle()
            slack = findings.Slack(self.emulator, await self.watcher.read(findings.outbox_rows))
            if not slack.undelivered(self.clock.now):
                break
            self.clock.forward(seconds=MAX_BACKOFF_SECONDS)
        return slack

    # the process

    async def _revive(self) -> None:
        if self.process.is_dying:
            await self.process.buried()
            self.log.append("  killed")
            self._accept()  # or it could not start
            self.process = Process(self.settings, self.clock)
            await self.process.ready()

    async def _settle(self) -> None:
        """Until every event is answered and everything that is due is sent, by whichever process."""
        while True:
            await self.emulator.wait_until(lambda: self.process.is_dying or self.emulator.delivery.is_idle())
            await self.process.run(_until_idle)
            if not self.process.is_dying and self.emulator.delivery.is_idle():
                break
            await self._revive()

    def _story(self, fault: str) -> str:
        last = "\n".join(self.log[-40:])
        return f"seed {self.seed}, after\n{last}\n{fault}\nPlay it again: SIMULATION_SEED={self.seed}"


def _numbered(tried: Tried, titles: dict[str, int]) -> Tried:
    """A filing that was not answered has the number that stands in the database."""
    step = tried.step
    if step.verb != "file" or step.number:
        return tried
    return replace(tried, step=replace(step, number=titles.get(step.title, 0)))


def _fits(trial: Model, tried: Tried, clock: HeldClock, done: bool) -> bool:
    """Whether this step, done or not, may have been answered so."""
    if not done:
        return tried.answer in (Answer.LOST, Answer.NOT_SAVED) or (
            tried.answer is Answer.SAID and _refuses(trial, tried, clock)
        )
    if tried.answer is Answer.REFUSED:
        return _refuses(trial, tried, clock)
    try:
        trial.apply(tried.step, clock.now)
    except (Refusal, KeyError):
        return False
    return tried.answer is not Answer.NOT_SAVED and tried.step.number > 0


def _refuses(trial: Model, tried: Tried, clock: HeldClock) -> bool:
    try:
        trial.fork({tried.step.number}).apply(tried.step, clock.now)
    except (Refusal, KeyError):
        return True
    return False


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Another program holds what every operation writes."""
    engine = create_writer_engine(parse_database_url(database_url))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE workspaces, tickets, inbox IN EXCLUSIVE MODE")
        yield
    engine.dispose()


def cut_connections(database_url: str) -> None:
    """As a restart of PostgreSQL does; SQLite has none."""
    engine = create_writer_engine(parse_database_url(database_url))
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    engine.dispose()


@asynccontextmanager
async def simulation(seed: int, database_url: str) -> AsyncIterator[Simulation]:
    emulator, clock = patient_emulator(company()), HeldClock()
    emulator.delivery.retry_delays = (0.0, 0.1, 0.1, 0.1)
    await emulator.start(port=0)
    settings = make_settings(
        **{"slack_bot_token": "xoxb-local", "slack_app_token": "xapp-local", "slack_api_url": emulator.api_url},
        **{"database_url": database_url, "baton_config": "no-such-file.yml"},
    )
    database = Database(database_url)
    database.start()
    run = Simulation(seed, emulator, settings, clock, Desk(database, workspace="T0LOCAL"))
    try:
        await run.process.ready()
        await run.process.run(_configure)
        yield run
        assert not emulator.refusals, list(emulator.refusals)
    finally:
        await run.process.stop()
        await database.stop()
        await emulator.stop()


async def _until_idle(baton: Baton) -> None:
    await baton.desk.background_tasks.wait_until_done()
    await baton.delivery.wait_until_idle()


async def _configure(baton: Baton) -> None:
    await baton.desk.execute(apply_configuration, WORLD)
    await reload_configuration(baton.desk)
