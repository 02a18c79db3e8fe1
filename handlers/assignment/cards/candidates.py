"""One person in a list of those who could get a ticket: where they are, what they hold, what they know."""

from collections.abc import Sequence
from datetime import datetime

from handlers.slack.blocks import OPTION, Block, clip, context, line, person, safe
from rules.assignment.routing import Candidate, why
from rules.calendars.timezones import zone
from rules.model.people import Level
from rules.model.policy import Assigning
from rules.presence.presence import HERE_WORDS, Here, Presence
from storage.assignment.candidates import Choices

KNOWS = {Level.LEARNING: "is learning it", Level.CAN: "can do it", Level.EXPERT: "knows it well"}
MARK = "⚠️ "
PROPOSED = 3
LONGEST = 40  # of a name; the facts matter more


def option_of(one: Candidate, choices: Choices) -> tuple[str, str]:
    """(words, value) for a menu, in plain text; marked where choosing them needs a reason."""
    facts = " · ".join(facts_of(one, choices.zone))
    mark = MARK if one.needs_reason else ""
    room = max(OPTION - len(f"{mark} · {facts}"), 10)
    return f"{mark}{clip(choices.name(one.person), min(room, LONGEST))} · {facts}", one.person


def facts_of(one: Candidate, timezone: str) -> list[str]:
    """Where they are, how many tickets and minutes they hold, how well they know it."""
    facts = [where(one.presence, timezone), f"{one.open} open", f"{one.minutes} min"]
    if not one.fits:
        return [*facts, "not competent"]
    if one.is_full:
        facts.append("full")
    return [*facts, KNOWS[one.level]] if one.level is not None else facts


def where(presence: Presence, timezone: str) -> str:
    """Where somebody is, and until when, by the reader's clock."""
    words = HERE_WORDS[presence.here]
    if presence.until is None or presence.here is Here.GONE:
        return words
    local = presence.until.astimezone(zone(timezone))
    return f"{words} until {_day(local) if presence.here is not Here.AT_WORK else f'{local:%H:%M}'}"


def first_of(choices: Choices, what: str) -> str:
    """Why the first of the list stands first; that nobody could begin now, where it is so."""
    free: Sequence[Candidate] = [one for one in choices.people if one.is_free]
    if not free:
        return "Nobody who is competent for it is here and has room now."
    return f"First: {safe(why(free, Assigning.OFFER, what=what))}"


def proposal(choices: Choices, what: str, experts: Choices) -> Block:
    """Below the form *New ticket*: who could begin with such a ticket now, the best first, and why it is them; then the
    experts who could be asked instead."""
    head = f"*{line(what, 80)}* now. {first_of(choices, what)}"
    asked = _free(experts)
    return _named("\n".join([head, *_free(choices), *(["*Experts*, who are asked first:", *asked] if asked else [])]))


def _free(choices: Choices) -> list[str]:
    free = [one for one in choices.people if one.is_free][:PROPOSED]
    return [f"{person(one.person)} · {' · '.join(facts_of(one, choices.zone))}" for one in free]


def _named(text: str) -> Block:
    return context(text) | {"block_id": "proposal"}


def _day(local: datetime) -> str:
    return f"{local:%d %b} {local:%H:%M}" if local.hour or local.minute else f"{local:%d %b}"
