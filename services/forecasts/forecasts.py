"""What a forecast leads to: it is kept, held against what comes, and told to the lead when it is bad."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rules.calendars.calendars import next_opening
from rules.calendars.timezones import zone
from rules.forecasts.forecasts import Outlook, Situation
from rules.forecasts.inputs import Learned
from rules.forecasts.what_if import Lever
from rules.model.timers import ClockState
from services.notifications.recipients import leads_called
from storage import forecasts
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.schema.forecasts import Look, Prediction
from storage.transaction import Transaction

JUDGED = 200  # other deeds wait while these are written
WORTH_TELLING = 1.0  # breaches to be expected before the lead is told
GROWN = 2.0  # so many more, and the lead is told again


@dataclass(frozen=True, slots=True)
class Seen:
    """A team as it was looked at: `due` and `promised` are the due moment and the promised open seconds by ticket."""

    team: str
    outlook: Outlook
    levers: tuple[Lever, ...]
    due: Mapping[int, int]
    promised: Mapping[int, int]

    @classmethod
    def of(
        cls, team: str, at: Situation, ahead: tuple[Outlook, tuple[Lever, ...]], promised: Mapping[int, int]
    ) -> "Seen":
        due = {task.number: task.due_at for task in at.tasks if task.due_at is not None and task.due_at >= at.now}
        return cls(team, *ahead, due, promised)


def learn(tx: Transaction, team: str, learned: Learned) -> None:
    """What history teaches of the team's tickets counts from now on."""
    forecasts.keep_learning(tx, team, learned)


def keep(tx: Transaction, seen: Seen) -> None:
    """The newest outlook; the first of the day is held against what comes, and the lead is told when it is bad."""
    day = _today(tx, seen.team)
    look = forecasts.look_of(tx, seen.team)
    if look is None:
        look = Look(workspace_id=tx.workspace, team=seen.team)
        tx.session.add(look)
    look.at, look.outlook = tx.now, seen.outlook.plain()
    look.levers = [lever.plain() for lever in seen.levers]
    _remember(tx, seen, day)
    _tell(tx, look, seen.outlook.breaches, day)


def judge(tx: Transaction) -> int:
    """A few chances whose fate is known are held against it; how many were. JUDGED means there may be more.

    A promise that moved since then says nothing of the forecast: it is void.
    """
    found = forecasts.decidable(tx, limit=JUDGED)
    for prediction, clock in found:
        prediction.decided_at = tx.now
        void = clock.total_s != prediction.promised_s or clock.state is ClockState.CANCELLED
        prediction.came_true = None if void else clock.state is ClockState.MET
    return len(found)


def redraw(tx: Transaction, look: Look) -> None:
    """The card of each lead who is told today, or of who stands in for them, is brought up to date."""
    for lead in leads_called(tx, tx.policy.team(look.team)) if look.told_on else ():
        if outbox.is_person_or_place(lead):
            at = next_opening(tx.policy.calendar_for(lead, look.team), tx.now)
            outbox.queue(tx, Kind.RISK, lane=lead, subject=f"{look.team}:{look.told_on}"[:64], at=at)


def _today(tx: Transaction, team: str) -> date:
    return tx.now.astimezone(zone(tx.policy.calendar_of(team).timezone)).date()


def _remember(tx: Transaction, seen: Seen, day: date) -> None:
    known = forecasts.predicted_on(tx, seen.team, day=day.isoformat())
    for one in seen.outlook.chances:
        if one.made is None or one.number not in seen.due or one.number not in seen.promised or one.number in known:
            continue
        tx.session.add(
            Prediction(
                workspace_id=tx.workspace,
                number=one.number,
                day=day.isoformat(),
                team=seen.team,
                at=tx.now,
                due_at=datetime.fromtimestamp(seen.due[one.number], UTC),
                promised_s=seen.promised[one.number],
                chance=one.made,
            )
        )


def _tell(tx: Transaction, look: Look, breaches: float, day: date) -> None:
    """One card a day for each lead, edited in place; told again when it has grown much worse."""
    today = look.told_on == day.isoformat()
    grown = today and breaches >= (look.told_breaches or 0.0) + GROWN
    if today:
        redraw(tx, look)
    if breaches < WORTH_TELLING or (today and not grown):
        return
    look.told_on, look.told_breaches = day.isoformat(), breaches
    redraw(tx, look)
    if grown:
        _tell_again(tx, look, breaches, day)


def _tell_again(tx: Transaction, look: Look, breaches: float, day: date) -> None:
    """An edited card pings nobody."""
    name = tx.policy.team(look.team).name
    words = f"⏳ {name}: it has grown worse, about {breaches:.0f} promises will break. Type `/desk risk`."
    for lead in leads_called(tx, tx.policy.team(look.team)):
        at = next_opening(tx.policy.calendar_for(lead, look.team), tx.now)
        once = f"risk:{look.team}:{day}:{breaches:.0f}:{lead}"
        outbox.notice(tx, lead, number=None, words=words, once=once, at=at)
