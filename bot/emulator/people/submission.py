"""Forms are submitted and closed, and the app's answer is carried out."""

from bot.emulator.errors import SlackError
from bot.emulator.events import payloads
from bot.emulator.events.delivery import Answer
from bot.emulator.methods.arguments import Arguments
from bot.emulator.methods.views import checked_view
from bot.emulator.people.forms import form_errors
from bot.emulator.people.participant import Outcome, Participant
from bot.emulator.state import blocks, views
from bot.emulator.state.workspace import Workspace
from bot.emulator.types import Json


async def submit_form(person: Participant, view_id: str, state: blocks.FormState) -> Outcome:
    """A form with errors that Slack's own client finds does not reach the app."""
    view = person.open_view(view_id)
    views.store_form_state(person.workspace, person.id, view_id, state)
    client_errors = form_errors(view["blocks"], view["state"]["values"])
    if client_errors:
        return Outcome(False, error="invalid_form", errors=client_errors, view=view)
    since = person.ephemeral_count()
    payload = payloads.view_submission_payload(person.workspace, person.user, view)
    answer = await person.session.delivery.send_interaction("interactive", payload)
    error, field_errors = answer.error, {}
    if error is None:
        try:
            field_errors = _carry_out(person, view, answer.body if isinstance(answer.body, dict) else {})
        except SlackError as refusal:
            person.session.record_refusal("view_submission", refusal)
            error = refusal.error
    outcome = person.outcome(answer, since)
    outcome.ok, outcome.error, outcome.errors = not (field_errors or error), error, field_errors
    return outcome


async def close_form(person: Participant, view_id: str, *, everything: bool = False) -> Outcome:
    """everything: the modals below it too."""
    view = person.open_view(view_id)
    closed = person.views if everything or view["clear_on_close"] else [view]
    for one in closed:
        views.close_modal(person.workspace, person.id, one["id"])
    answer = Answer(200)
    for one in reversed(closed):
        if one["notify_on_close"]:
            payload = payloads.view_closed_payload(person.workspace, person.user, one, cleared=everything)
            answer = await person.session.delivery.send_interaction("interactive", payload)
    return person.outcome(answer, person.ephemeral_count())


def _carry_out(person: Participant, view: Json, body: Json) -> dict[str, str]:
    """The field errors, when the app answers with some."""
    workspace = person.workspace
    match body.get("response_action") or "close":
        case "errors":
            return _field_errors(view, body.get("errors"))
        case "close":
            views.close_modal(workspace, person.id, view["id"])
        case "clear":
            views.close_all_modals(workspace, person.id)
        case "update":
            views.update_modal(workspace, view["id"], _new_view(workspace, body))
        case "push":
            views.push_modal(workspace, person.id, _new_view(workspace, body))
        case action:
            raise SlackError("invalid_response_action", response_action=action)
    return {}


def _new_view(workspace: Workspace, body: Json) -> Json:
    return checked_view(workspace, Arguments({"view": body.get("view")}), "modal")


def _field_errors(view: Json, errors: object) -> dict[str, str]:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackError("invalid_errors", detail="errors must name at least one input block")
    unknown = sorted(set(errors) - inputs)
    if unknown:
        raise SlackError("invalid_errors", detail=f"{unknown[0]!r} is no input block of this form")
    return {str(block_id): str(text) for block_id, text in errors.items()}
