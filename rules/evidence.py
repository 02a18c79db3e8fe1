"""What somebody's tickets of one type say of how well they know it: for a lead to read, never applied by itself."""

from dataclasses import dataclass

from rules.people import Level

FEW = 10  # of fewer nothing is suggested
MANY = 30
MOSTLY, ALWAYS = 0.8, 0.9  # share in time, for the next level
SELDOM, HARDLY = 0.1, 0.05  # share reopened, at most
DOUBTED_IN_TIME, DOUBTED_REOPENED = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts over a span of days: what the person resolved last, how much of what was promised was in time, how many
    came back, and what became of their questions to the experts."""

    days: int
    resolved: int = 0
    promised: int = 0
    in_time: int = 0
    reopened: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def is_small(self) -> bool:
        return self.resolved < FEW

    @property
    def share_in_time(self) -> float:
        """1 where nothing was promised: then nothing was late."""
        return self.in_time / self.promised if self.promised else 1.0

    @property
    def share_reopened(self) -> float:
        return self.reopened / self.resolved if self.resolved else 0.0


def words(found: Evidence) -> str:
    """The counts in a line, each with what it is a part of; a small n is said to be small."""
    asked = found.accepted + found.rejected
    if not found.resolved and not asked:
        return f"None resolved in {found.days} days."
    parts = [f"{found.resolved} resolved in {found.days} days"]
    if found.promised:
        parts.append(f"{found.in_time} of {found.promised} in time ({round(100 * found.share_in_time)} %)")
    if found.resolved:
        parts.append(f"{found.reopened or 'none'} reopened")
    if asked:
        parts.append(f"{found.accepted} of {asked} escalations accepted")
    few = f" (n = {found.resolved}: too few to say much)" if found.is_small else ""
    return f"{', '.join(parts)}.{few}"


def suggestion(found: Evidence, level: Level | None) -> str:
    """A question to the lead; empty where the counts ask for nothing."""
    if found.is_small:
        return ""
    if level is not None and _is_doubtful(found):
        return "Often late or back again: is this level still right?"
    if level in (None, Level.LEARNING) and found.share_in_time >= MOSTLY and found.share_reopened <= SELDOM:
        return f"{_in_short(found)}: can do it?"
    if level is Level.CAN and _is_excellent(found):
        return f"{_in_short(found)}: is an expert?"
    return ""


def _is_doubtful(found: Evidence) -> bool:
    return found.share_in_time < DOUBTED_IN_TIME or found.share_reopened > DOUBTED_REOPENED


def _is_excellent(found: Evidence) -> bool:
    often = found.resolved >= MANY and found.share_in_time >= ALWAYS and found.share_reopened <= HARDLY
    return often and found.rejected <= found.accepted


def _in_short(found: Evidence) -> str:
    in_time = f", {found.in_time} in time" if found.promised else ""
    return f"{found.resolved} resolved{in_time}, {found.reopened or 'none'} reopened"
