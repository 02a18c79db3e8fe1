"""Two people press on one escalation at once, each in a process of their own."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from rules.escalations.escalations import EscalationState
from services.desk import Desk
from storage.schema.tickets import Escalation
from tests.journeys.month.leaves import Absences
from tests.journeys.month.presses import Press, pressed
from tests.journeys.month.rival import Rival
from tests.journeys.month.world import EXPERTS, people_of

LOOKED_AT = 0.35
PRESSES = {"accept": 12, "reject": 4, "redirect": 4, "ask_back": 2, "withdraw": 2, "resolve": 1}
OF_WHO_ASKED = ("withdraw", "resolve", "answer")
ANSWERED = 0.7


@dataclass
class Pressing:
    """The experts answer, sooner or later; whoever asked tells more, or changes their mind. `counts` says who won."""

    desk: Desk
    rival: Rival
    dice: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    async def on(self, question: Escalation, absences: Absences, now: datetime, at: int) -> None:
        """Both at the same moment: one here, one in the other process."""
        if self.dice.random() > LOOKED_AT:
            return
        here, there = self._press(question, absences, at), self._press(question, absences, at)
        if here is None or there is None:
            return
        said = await asyncio.gather(self.rival.press(there, at=now), pressed(self.desk, here))
        both, neither = not any(said), all(said)
        self.counts["both did" if both else "neither did" if neither else "won here" if said[0] else "won there"] += 1

    def _press(self, question: Escalation, absences: Absences, at: int) -> Press | None:
        """What one of those who are there presses; None where nobody is."""
        deed = self.dice.choices(list(PRESSES), list(PRESSES.values()))[0]
        if question.state is EscalationState.INFO_REQUESTED and self.dice.random() < ANSWERED:
            deed = "answer"
        asks = [question.asked_by] if deed in OF_WHO_ASKED else people_of(question.team)
        there = [who for who in asks if absences.here(who, at)]
        if not there:
            return None
        to = next(team for team in EXPERTS if team != question.team)
        return Press(deed, self.dice.choice(there), question.number, question.round, to)
