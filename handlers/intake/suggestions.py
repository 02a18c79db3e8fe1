"""The form *New ticket* suggests who could start on a ticket of the chosen type."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment.cards.candidates import proposal_block
from handlers.intake import cards
from handlers.intake.origins import Origin
from handlers.slack.blocks import Block, Modal
from handlers.slack.ephemeral import answer_in_time
from handlers.slack.ids import Button
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from rules.intake.commands import default_type_key
from rules.intake.requests import first_line_team
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.people.permissions import Permission, is_allowed, roles_anywhere, roles_towards
from services.assignment.routing import assignable_people
from services.desk import Desk
from storage.assignment.candidates import assignee_choices
from storage.schema.tickets import Ticket


def register(on: Router) -> None:
    on.action(Button.TICKET_TYPE, Permission.FILE_TICKET)(update_candidates)


async def update_candidates(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    """Another type was chosen: other people could begin, and its usual priority is set unless the person chose one.
    What was written stays in the form."""
    about = str(press.view.get("private_metadata", ""))
    chosen = _chosen_priority(press.view)
    kept = None if chosen is None or chosen.is_usual(desk.policy) else chosen
    view = await build_new_ticket_form(desk, press.user, about, type_=press.value, priority=kept)
    shown, hash_ = press.view_id, press.view.get("hash")
    await answer_in_time(client.views_update(view_id=shown, hash=hash_, view=view))


async def build_new_ticket_form(
    desk: Desk,
    by: str,
    metadata: str,
    *,
    prefill: cards.Prefill = cards.NOTHING_PREFILLED,
    type_: str = "",
    priority: cards.ChosenPriority | None = None,
) -> Modal:
    proposed = await _candidate_blocks(desk, by, type_ or default_type_key(desk.policy))
    return cards.new_ticket_form(desk.policy, prefill, metadata, type_=type_, priority=priority, proposed=proposed)


async def ask_whether_same(desk: Desk, form: Submission, origin: Origin, number: int) -> Modal:
    """Nothing was filed: the form stays open with what was written, and files when it is sent once more."""
    name = next(filter(_is_priority, form.answers), cards.PRIORITY_FIELD)
    view = await build_new_ticket_form(
        desk,
        form.user,
        origin.to_metadata(),
        prefill=cards.Prefill(form["title"], form["description"]),
        type_=form["type"],
        priority=cards.ChosenPriority(name, form[name]),
    )
    return cards.same_request_form(view, number)


def _chosen_priority(view: Mapping[str, Any]) -> cards.ChosenPriority | None:
    values = view.get("state", {}).get("values", {})
    fields = ((name, element) for block in values.values() for name, element in block.items())
    chosen = ((name, element.get("selected_option") or {}) for name, element in fields)
    priorities = (cards.ChosenPriority(name, one["value"]) for name, one in chosen if _is_priority(name) and one)
    return next(priorities, None)


def _is_priority(name: str) -> bool:
    return name.partition(":")[0] == cards.PRIORITY_FIELD


def priority_of(form: Submission, policy: Policy) -> Priority | None:
    """None for the usual priority of the chosen type, where the person left the field as it was opened for another."""
    name = next(filter(_is_priority, form.answers), cards.PRIORITY_FIELD)
    value = form.choice(Priority, name)
    return None if cards.ChosenPriority(name, value).is_usual(policy) else value


async def _candidate_blocks(desk: Desk, by: str, type_: str) -> list[Block] | None:
    """None for people who assign in no team; empty where this type belongs to another team."""
    policy = desk.policy
    if not is_allowed(Permission.ASSIGN_TICKET, roles_anywhere(policy, by)):
        return None
    team = first_line_team(policy, type_)
    may_assign = is_allowed(Permission.ASSIGN_TICKET, roles_towards(policy, by, teams=[team.key]))
    if type_ not in policy.types or not may_assign:
        return []
    ticket = Ticket(team=team.key, type=type_, requester=by, seq=0)
    candidates = await desk.read(
        assignee_choices, ticket, assignable_people(team), policy=policy, at=desk.clock(), viewer=by
    )
    other_experts = [who for who in policy.team(policy.type(type_).expert_team or "").experts if who not in team.people]
    experts = await desk.read(assignee_choices, ticket, other_experts, policy=policy, at=desk.clock(), viewer=by)
    return [proposal_block(candidates, policy.type(type_).name, experts)]
