"""`baton leave`: a person's leave is brought in from a calendar, or shown what would be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.ical import read_calendar
from bot.offline import offline_desk
from bot.settings import Settings
from rules.config.validation import person as person_id
from rules.presence.leave import spoken
from rules.presence.leave_import import Becomes, Step
from services.presence import leave_import, presence

NAMED = (Becomes.REFUSED, Becomes.MISSING)  # a sentence each, in place of a sum


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or in a dry run would do, as sentences; the sum comes last."""

    changed: tuple[str, ...]
    faults: tuple[str, ...]
    counts: Counter[Becomes]
    dry_run: bool = False

    def lines(self) -> list[str]:
        said = ", ".join(f"{self.counts[one]} {one}" for one in Becomes if one not in NAMED)
        verb = "Would be" if self.dry_run else "Leave"
        return [*self.faults, *self.changed, f"{verb}: {said}; {len(self.faults)} skipped."]


async def bring(settings: Settings, file: Path, person: str, dry_run: bool = False, *, drop: bool = False) -> Report:
    """Brings what is new in the file and moves what has moved; a second run changes nothing."""
    who = person_id(person)
    async with offline_desk(settings) as desk:
        presence.of_the_desk(desk.policy, who)
        place = presence.place_of(desk.policy, who)
        read = read_calendar(file, desk.clock(), place)
        how: dict[str, Any] = {"unread": read.unread, "drop": drop}
        if dry_run:
            asked = desk.read(leave_import.planned, who, read.entries, policy=desk.policy, at=desk.clock(), **how)
            steps: Sequence[Step] = await asked
        else:
            steps = await desk.execute(leave_import.bring, who, read.entries, **how)
        now = desk.clock()
    refused = [f"{read.named.get(one.uid, one.uid)}: skipped, {one.why}." for one in steps if one.why]
    missing = [
        f"not in this file any more: {spoken(one.span.begins, one.span.ends, now, place)} ({one.span.kind}); it stays "
        "leave until `--drop-missing` or *Take back* on Home."
        for one in steps
        if one.becomes is Becomes.MISSING
    ]
    changed = [
        f"{one.becomes}: {spoken(one.span.begins, one.span.ends, now, place)} ({one.span.kind})"
        for one in steps
        if one.becomes in leave_import.CHANGES
    ]
    counts = Counter(one.becomes for one in steps)
    return Report((*changed, *missing), (*read.faults, *refused), counts, dry_run)
