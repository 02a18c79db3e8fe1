"""What was said is held against what had to be said; each finding is a sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.alerts.delivery import ALERT_MENTION
from storage.alerts import ALERT_CARD, ALERT_DIGEST
from storage.outbox.outbox import ALERT_GROUP, NOTICE
from tests.journeys.year.oracle import LAST, Case, Count, Telling
from tests.journeys.year.play import Said
from tests.journeys.year.wall import is_away, moment, reached_at, wall_of, works_at
from tests.journeys.year.world import IN_CHANNEL, MANAGERS, WORLD, channel_of, leads_of, team_in

TOGETHER = 2  # seconds in which whatever one sweep finds for a person becomes one message
EXACT = 3  # seconds: what is late is so just after it was due, and joins a message that waits
CHANNEL_KINDS = (ALERT_CARD, ALERT_GROUP)
REMINDER = "waiting for you to start"


@dataclass(frozen=True, slots=True)
class Due:
    """A person has to read of this clock at that moment."""

    person: str
    at: int
    telling: Telling
    count: Count

    @property
    def key(self) -> tuple[str, int, str]:
        return self.person, self.telling.number, self.telling.target


class Year:
    """A record of what was said beside what the histories demand."""

    def __init__(self, said: Sequence[Said], cases: Iterable[Case], *, until: int) -> None:
        self.said, self.until = said, until
        self.tellings = [told for case in cases for told in case.tellings]
        self._posted = {
            (number, one.lane, one.at)
            for one in said
            if one.kind in CHANNEL_KINDS and one.new
            for number in one.numbers
        }
        self._cards = {key for key in self._posted if key[:2] in _own_cards(said)}

    def missing(self) -> Iterator[str]:
        """In the channel, on the ticket's own alert or on a message for many, and by whom it concerns."""
        yield from self._missing_in_channels()
        heard = self._heard()
        for due in self._due():
            if due.at < self.until and due.count.alarms(due.at) and not _near(heard[due.key], due.at):
                yield f"{due.person} should read at {moment(due.at)} of {due.telling}, and did not"

    def needless(self) -> Iterator[str]:
        """Whatever a person read of a clock without a reason."""
        reasons = defaultdict(list)
        for due in self._due():
            reasons[due.key].append(due.at)
        for key, moments in self._heard().items():
            for at in moments:
                if not _near(reasons[key], at):
                    yield f"{key} was told at {moment(at)}, and nothing had happened"

    def doubled(self) -> Iterator[str]:
        """The same level of the same promise twice to a person, or a second post of one ticket in one channel."""
        posts = Counter((number, lane) for number, lane, _ in self._posted)
        yield from (
            f"#{number} was posted {times} times in {lane}" for (number, lane), times in posts.items() if times > 1
        )
        allowed = Counter((*due.key, due.telling.due) for due in self._due() if due.telling.again)
        told = Counter(
            (one.lane, alarm.number, alarm.target, alarm.due, alarm.level)
            for one in self.said
            if one.kind == ALERT_DIGEST
            for alarm in one.alarms
        )
        for key, times in told.items():
            if times > 1 + allowed[key[:-1]]:
                yield f"{key} was told {times} times"

    def at_night(self) -> Iterator[str]:
        """A post while the team of the channel is away, or a direct message while the person is."""
        for one in self.said:
            if (one.kind in CHANNEL_KINDS and one.new) or one.kind == ALERT_MENTION:
                awake = wall_of(team_in(one.lane)).is_open(one.at)
            elif one.kind == ALERT_DIGEST or (one.kind == NOTICE and REMINDER in one.text):
                awake = any(works_at(one.lane, _home(one.lane), at) for at in (one.at, one.at - TOGETHER))
            else:
                continue
            if not awake:
                yield f"{one.kind} to {one.lane} at {moment(one.at)}: {one.text[:80]}"

    def between(self, start: int, end: int) -> list[Said]:
        """What was posted or sent newly in that time."""
        return [one for one in self.said if one.new and start <= one.at < end]

    def _missing_in_channels(self) -> Iterator[str]:
        seen = defaultdict(list)
        for one in self.said:
            if one.kind in CHANNEL_KINDS:
                for alarm in one.alarms:
                    seen[one.lane, alarm.number, alarm.target, alarm.level, alarm.due].append(one.at)
        for told, _ in self.tellings:
            lane = channel_of(told.team)
            if told.target == "expert_answer" or told.again:
                continue  # the question has a card of its own, and what was shown is shown already
            if not _near(seen[lane, told.number, told.target, told.level, told.due], told.at):
                yield f"{lane} should show at {moment(told.at)}: {told}, due {moment(told.due)}"

    def _heard(self) -> dict[tuple[str, int, str], list[int]]:
        """Of which clock each person read when; in the channel too, where they want it so."""
        heard = defaultdict(list)
        for one in self.said:
            person = {str(ALERT_DIGEST): one.lane, str(ALERT_MENTION): one.person}.get(one.kind)
            for alarm in one.alarms if person else ():
                heard[person or "", alarm.number, alarm.target].append(one.at)
        return heard

    def _due(self) -> Iterator[Due]:
        for told, count in self.tellings:
            for person in self._concerned(told):
                if person == IN_CHANNEL:
                    if told.again or (told.number, channel_of(told.team), told.at) not in self._near_posts():
                        yield Due(person, told.at, told, count)
                    continue
                at = max(reached_at(person, told.team, told.at), told.at + TOGETHER)
                yield Due(person, at, told, count)

    def _concerned(self, told: Telling) -> list[str]:
        """The managers when nobody acted; else whoever has it, or the leads in their place, and from the last warning
        on the leads too."""
        if told.up:
            return [one for one in MANAGERS if not is_away(one, told.team, told.at)] or list(MANAGERS)
        leads = [lead for lead in leads_of(told.team) if not is_away(lead, told.team, told.at)] or list(MANAGERS)
        also = leads if told.level >= LAST and not told.again else []
        if told.target == "expert_answer":
            return also or (leads if told.again else [])
        there = told.holder is not None and not is_away(told.holder, told.team, told.at)
        theirs = [told.holder or ""] if there else leads
        called = not told.again and (there or told.holder is None) and self._has_own_card(told)
        return list(dict.fromkeys([*([] if called else theirs), *also]))

    def _has_own_card(self, told: Telling) -> bool:
        """Whether a card of its own was posted just then: that calls whoever has it."""
        at = range(told.at - EXACT, told.at + EXACT + 1)
        return any((told.number, channel_of(told.team), each) in self._cards for each in at)

    def _near_posts(self) -> set[tuple[int, str, int]]:
        return {(number, lane, at + step) for number, lane, at in self._posted for step in (0, EXACT)}


def _own_cards(said: Iterable[Said]) -> set[tuple[int, str]]:
    return {(number, one.lane) for one in said if one.kind == ALERT_CARD and one.new for number in one.numbers}


def _near(moments: Iterable[int], at: int) -> bool:
    return any(abs(each - at) <= EXACT for each in moments)


def _home(person: str) -> str:
    """The team of somebody; managers have hours of their own and need none."""
    teams = WORLD["teams"].items()
    return next((key for key, team in teams if person in str(team)), "support")
