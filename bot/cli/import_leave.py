"""`baton leave`: imports a person's leave from a calendar, or shows what would change."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.ical import read_ical_file
from bot.offline import offline_desk
from bot.settings import Settings
from rules.config.fields import parse_person_id
from rules.presence.leave import leave_period_text
from rules.presence.leave_import import ImportOutcome, ImportStep
from rules.text import Code, Text, _
from services.presence import leave_import, presence

LISTED_OUTCOMES = (ImportOutcome.REFUSED, ImportOutcome.MISSING)  # a sentence each instead of a count


@dataclass(frozen=True, slots=True)
class LeaveImportReport:
    """What an import did, or in a dry run would do, as sentences; the counts come last."""

    changed: tuple[Text, ...]
    faults: tuple[Text, ...]
    counts: Counter[ImportOutcome]
    dry_run: bool = False

    def lines(self) -> list[Text]:
        counts = ", ".join(f"{self.counts[one]} {one}" for one in ImportOutcome if one not in LISTED_OUTCOMES)
        skipped = len(self.faults)
        total = (
            _("Dry run: {counts}; {skipped} skipped.", counts=counts, skipped=skipped)
            if self.dry_run
            else _("Leave: {counts}; {skipped} skipped.", counts=counts, skipped=skipped)
        )
        return [*self.faults, *self.changed, total]


async def import_leave_file(
    settings: Settings, file: Path, person: str, dry_run: bool = False, *, drop: bool = False
) -> LeaveImportReport:
    """Adds the new entries of the file and moves those that have moved; a second run changes nothing."""
    user = parse_person_id(person)
    async with offline_desk(settings) as desk:
        presence.check_staff(desk.policy, user)
        place = presence.work_timezone(desk.policy, user)
        calendar = read_ical_file(file, desk.clock(), place)
        options: dict[str, Any] = {"unread": calendar.unread_series, "drop": drop}
        if dry_run:
            known = {"policy": desk.policy, "at": desk.clock(), **options}
            steps: Sequence[ImportStep] = await desk.read(leave_import.planned_import, user, calendar.entries, **known)
        else:
            steps = await desk.execute(leave_import.import_leave, user, calendar.entries, **options)
        now = desk.clock()
    refused = [
        _("{entry}: skipped, {reason}.", entry=calendar.names_by_uid.get(one.uid, one.uid), reason=one.reason)
        for one in steps
        if one.reason
    ]
    missing = [
        _(
            "not in this file any more: {period} ({kind}); it stays leave until {option} or *Take back* on Home.",
            period=leave_period_text(one.period.begins, one.period.ends, now, place),
            kind=one.period.kind.label,
            option=Code("--drop-missing"),
        )
        for one in steps
        if one.outcome is ImportOutcome.MISSING
    ]
    changed = [
        _(
            "{outcome}: {period} ({kind})",
            outcome=str(one.outcome),
            period=leave_period_text(one.period.begins, one.period.ends, now, place),
            kind=one.period.kind.label,
        )
        for one in steps
        if one.outcome in leave_import.SHOWN_CHANGES
    ]
    counts = Counter(one.outcome for one in steps)
    return LeaveImportReport((*changed, *missing), (*calendar.faults, *refused), counts, dry_run)
