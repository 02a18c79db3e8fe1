"""A form is sent or closed, and the app's answer is carried out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import Refused
from bot.emulator.events import envelopes
from bot.emulator.events.delivery import Answer
from bot.emulator.methods.views import checked
from bot.emulator.people import forms
from bot.emulator.people.person import Outcome, Person
from bot.emulator.state import blocks, views
from bot.emulator.state.api_call import Asked
from bot.emulator.state.workspace import Json, Workspace

if TYPE_CHECKING:
    from bot.emulator.server import Emulator


class Submitting:
    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._workspace = emulator.workspace

    async def submit(self, person: Person, view_id: str, state: blocks.Values) -> Outcome:
        view = self._open(person, view_id)
        views.keep_state(self._workspace, person.id, view_id, state)
        mistakes = forms.mistakes(view["blocks"], view["state"]["values"])
        if mistakes:
            return Outcome(False, error="invalid_form", errors=mistakes, view=view)
        already = person.whispers()
        payload = envelopes.view_submission(self._workspace, person.user, view)
        answer = await self._emulator.delivery.interact("interactive", payload)
        errors, failed = ({}, answer.error) if answer.error else self._carry_out(person, view, answer)
        outcome = person.outcome(answer, already)
        outcome.ok, outcome.error, outcome.errors = not (errors or failed), failed, errors
        return outcome

    async def close(self, person: Person, view_id: str, *, everything: bool = False) -> Outcome:
        view = self._open(person, view_id)
        closed = person.views if everything or view["clear_on_close"] else [view]
        for one in closed:
            views.close(self._workspace, person.id, one["id"])
        answer = Answer(200)
        for one in reversed(closed):
            if one["notify_on_close"]:
                payload = envelopes.view_closed(self._workspace, person.user, one, cleared=everything)
                answer = await self._emulator.delivery.interact("interactive", payload)
        return person.outcome(answer, person.whispers())

    def _open(self, person: Person, view_id: str) -> Json:
        for view in person.views:
            if view["id"] == view_id:
                return view
        raise Refused("not_found")

    def _carry_out(self, person: Person, view: Json, answer: Answer) -> tuple[dict[str, str], str | None]:
        """The form's field errors, or what went wrong with the app's answer."""
        body = answer.body if isinstance(answer.body, dict) else {}
        action = body.get("response_action")
        try:
            if action == "errors":
                return self._errors(view, body.get("errors")), None
            self._step(str(action) if action else "close")(person, view, body)
        except Refused as refusal:
            self._emulator.refuse("view_submission", refusal)
            return {}, refusal.error
        return {}, None

    def _step(self, action: str) -> Callable[[Person, Json, Json], Any]:
        steps: dict[str, Callable[[Person, Json, Json], Any]] = {
            "close": lambda person, view, _body: views.close(self._workspace, person.id, view["id"]),
            "clear": lambda person, _view, _body: views.clear(self._workspace, person.id),
            "update": lambda _person, view, body: views.update(
                self._workspace, view["id"], _new(self._workspace, body)
            ),
            "push": lambda person, _view, body: views.push(self._workspace, person.id, _new(self._workspace, body)),
        }
        if action not in steps:
            raise Refused("invalid_response_action", response_action=action)
        return steps[action]

    def _errors(self, view: Json, errors: object) -> dict[str, str]:
        inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors:
            raise Refused("invalid_errors", detail="errors must name at least one input block")
        unknown = sorted(set(errors) - inputs)
        if unknown:
            raise Refused("invalid_errors", detail=f"{unknown[0]!r} is no input block of this form")
        return {str(block_id): str(words) for block_id, words in errors.items()}


def _new(workspace: Workspace, body: Json) -> Json:
    return checked(workspace, Asked("view_submission", {"view": body.get("view")}), "modal")
