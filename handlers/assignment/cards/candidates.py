"""One candidate for a ticket in a list: presence, workload and skill."""

from collections.abc import Sequence
from datetime import time, timedelta

from handlers.slack import blocks
from handlers.slack.blocks import OPTION_LIMIT, Block
from handlers.text.plain import render_plain
from handlers.text.slack import Markup, bold, clip, escape_line, join
from rules.assignment.routing import Candidate, explain_choice
from rules.calendars.timezones import time_zone
from rules.model.people import SkillLevel
from rules.model.policy import AssignmentMode
from rules.presence.presence import Presence, PresenceStatus
from rules.text import NearDay, Person, Text, WorkTime, _
from storage.assignment.candidates import AssigneeChoices

LEVEL_TEXTS = {SkillLevel.LEARNING: _("learning"), SkillLevel.CAN: _("can do it"), SkillLevel.EXPERT: _("expert")}
NEEDS_REASON_MARK = "⚠️ "
CANDIDATES_PROPOSED = 3
NAME_LIMIT = 40  # characters; the facts matter more


def candidate_option(one: Candidate, choices: AssigneeChoices) -> tuple[str, str]:
    """(text, value) for a menu, in plain text; marked where choosing this person needs a reason."""
    facts = " · ".join(map(render_plain, candidate_facts(one, choices.timezone)))
    mark = NEEDS_REASON_MARK if one.needs_reason else ""
    room = max(OPTION_LIMIT - len(f"{mark} · {facts}"), 10)
    return f"{mark}{clip(choices.name_of(one.person), min(room, NAME_LIMIT))} · {facts}", one.person


def candidate_facts(one: Candidate, timezone: str) -> list[Text]:
    work = WorkTime(60 * one.minutes)
    open_work = _("{count} open ({work})", count=one.open_tickets, work=work) if one.open_tickets else _("0 open")
    facts = [presence_in_zone(one.presence, timezone), open_work]
    if not one.is_qualified:
        return [*facts, _("no matching skill")]
    if one.is_full:
        facts.append(_("full"))
    return [*facts, LEVEL_TEXTS[one.level]] if one.level is not None else facts


def presence_in_zone(presence: Presence, timezone: str) -> Text:
    status = presence.status.label
    if presence.until is None or presence.status is PresenceStatus.GONE:
        return status
    local = presence.until.astimezone(time_zone(timezone))
    if presence.status is PresenceStatus.AT_WORK:
        return _("{status} until {end}", status=status, end=f"{local:%H:%M}")
    if local.time() == time():
        return _("{status} until {end}", status=status, end=NearDay(local.date() - timedelta(days=1)))
    return _("{status} until {day} {time}", status=status, day=NearDay(local.date()), time=f"{local:%H:%M}")


def first_candidate_reason(choices: AssigneeChoices, type_name: str) -> Text:
    free: Sequence[Candidate] = [one for one in choices.candidates if one.is_free]
    if not free:
        return _("No one with a matching skill is here and has room for another ticket.")
    reason = explain_choice(free, AssignmentMode.OFFER, type_name=type_name)
    return _("Suggested: {person} ({reason})", person=Person(free[0].person), reason=reason)


def proposal_block(choices: AssigneeChoices, type_name: str, experts: AssigneeChoices) -> Block:
    """The block below the form *New ticket*: the best candidates for this type now, then the experts."""
    head = join(" · ", [bold(escape_line(type_name, 80)), first_candidate_reason(choices, type_name)])
    rows = [head, *_free_candidates(choices)]
    if expert_rows := _free_candidates(experts):
        rows += [bold(_("Experts, who decide before they get it:")), *expert_rows]
    return blocks.context(join("\n", rows)) | {"block_id": "proposal"}


def _free_candidates(choices: AssigneeChoices) -> list[Markup]:
    free = [one for one in choices.candidates if one.is_free][:CANDIDATES_PROPOSED]
    return [
        join(" · ", [_("{person}", person=Person(one.person)), *candidate_facts(one, choices.timezone)]) for one in free
    ]
