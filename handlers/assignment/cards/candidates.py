"""One candidate for a ticket in a list: presence, workload and skill."""

from collections.abc import Sequence
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import OPTION_LIMIT, Block
from handlers.text.slack import clip, escape_keeping_mentions, escape_line, mention
from rules.assignment.routing import Candidate, explain_choice
from rules.calendars.timezones import time_zone
from rules.model.people import SkillLevel
from rules.model.policy import AssignmentMode
from rules.presence.presence import Presence, PresenceStatus
from storage.assignment.candidates import AssigneeChoices

LEVEL_TEXTS = {SkillLevel.LEARNING: "is learning it", SkillLevel.CAN: "can do it", SkillLevel.EXPERT: "knows it well"}
NEEDS_REASON_MARK = "⚠️ "
CANDIDATES_PROPOSED = 3
NAME_LIMIT = 40  # characters; the facts matter more


def candidate_option(one: Candidate, choices: AssigneeChoices) -> tuple[str, str]:
    """(text, value) for a menu, in plain text; marked where choosing this person needs a reason."""
    facts = " · ".join(candidate_facts(one, choices.timezone))
    mark = NEEDS_REASON_MARK if one.needs_reason else ""
    room = max(OPTION_LIMIT - len(f"{mark} · {facts}"), 10)
    return f"{mark}{clip(choices.name_of(one.person), min(room, NAME_LIMIT))} · {facts}", one.person


def candidate_facts(one: Candidate, timezone: str) -> list[str]:
    facts = [presence_in_zone(one.presence, timezone), f"{one.open_tickets} open", f"{one.minutes} min"]
    if not one.is_qualified:
        return [*facts, "not competent"]
    if one.is_full:
        facts.append("full")
    return [*facts, LEVEL_TEXTS[one.level]] if one.level is not None else facts


def presence_in_zone(presence: Presence, timezone: str) -> str:
    words = str(presence.status.label)
    if presence.until is None or presence.status is PresenceStatus.GONE:
        return words
    local = presence.until.astimezone(time_zone(timezone))
    at_work = presence.status is PresenceStatus.AT_WORK
    return f"{words} until {f'{local:%H:%M}' if at_work else _local_time_text(local)}"


def first_candidate_reason(choices: AssigneeChoices, what: str) -> str:
    free: Sequence[Candidate] = [one for one in choices.candidates if one.is_free]
    if not free:
        return "Nobody who is competent for it is here and has room now."
    return f"First: {escape_keeping_mentions(explain_choice(free, AssignmentMode.OFFER, type_name=what))}"


def proposal_block(choices: AssigneeChoices, what: str, experts: AssigneeChoices) -> Block:
    """The block below the form *New ticket*: the best candidates for this type now, then the experts."""
    rows = [
        f"*{escape_line(what, 80)}* now. {first_candidate_reason(choices, what)}",
        *_free_candidates(choices),
    ]
    if expert_rows := _free_candidates(experts):
        rows += ["*Experts*, who are asked first:", *expert_rows]
    return blocks.context("\n".join(rows)) | {"block_id": "proposal"}


def _free_candidates(choices: AssigneeChoices) -> list[str]:
    free = [one for one in choices.candidates if one.is_free][:CANDIDATES_PROPOSED]
    return [f"{mention(one.person)} · {' · '.join(candidate_facts(one, choices.timezone))}" for one in free]


def _local_time_text(local: datetime) -> str:
    return f"{local:%d %b} {local:%H:%M}" if local.hour or local.minute else f"{local:%d %b}"
