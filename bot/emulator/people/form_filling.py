"""How what a person chooses becomes the state of a form and the action of a press."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.emulator.errors import Refused
from bot.emulator.limits import limits
from bot.emulator.state import blocks
from bot.emulator.state.workspace import Json, User, Workspace

if TYPE_CHECKING:
    from bot.emulator.server import Emulator

ON_BUTTON = ("text", "value", "style", "url")


class Filling:
    """Remembers the options an app offered this person, so that one of them can be chosen."""

    def __init__(self, workspace: Workspace, user: User) -> None:
        self._workspace = workspace
        self._user = user
        self._offered: dict[str, list[Json]] = {}

    def find(self, drawn: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
        found = blocks.find(drawn, action_id, block_id)
        if found is None:
            there = ", ".join(element["action_id"] for _, element in blocks.interactive(drawn)) or "nothing"
            raise LookupError(f"There is no {action_id!r} to press here; there is {there}.")
        return found

    def action(
        self, drawn: list[Json], action_id: str, block_id: str | None, choose: object, state: blocks.Values | None
    ) -> tuple[Json, blocks.Values]:
        """The action of block_actions, and the state of everything around it."""
        block, element = self.find(drawn, action_id, block_id)
        values = blocks.state_of(drawn, state)
        action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        if element["type"] in blocks.FILLED:
            if choose is not None or not state:
                values[block["block_id"]][action_id] = self._filled(element, choose)
            action |= values[block["block_id"]][action_id]
        elif element["type"] == "overflow":
            action["selected_option"] = blocks.option(element, blocks.options_of(element), choose)
        else:
            action |= {name: element[name] for name in ON_BUTTON if name in element}
        return action | {"action_ts": self._workspace.new_ts()}, values

    def state(self, view: Json, values: Mapping[str, object]) -> blocks.Values:
        """The form's state once these values, named by action_id, were filled in."""
        state = blocks.state_of(view["blocks"], view["state"]["values"])
        for action_id, value in values.items():
            block, element = self.find(view["blocks"], action_id)
            state[block["block_id"]][action_id] = self._filled(element, value)
        return state

    def offered(self, emulator: "Emulator", block_id: str, element: Json, body: object) -> Json:
        found = limits.suggestion_problems(body)
        if found or not isinstance(body, dict):
            words = [f"[ERROR] {one}" for one in found]
            emulator.refuse("block_suggestion", Refused("invalid_options", response_metadata={"messages": words}))
            return {"options": []}
        kept: Json = {name: body[name] for name in ("options", "option_groups") if name in body}
        known = self._offered.setdefault(element["action_id"], [])
        known += [one for one in blocks.options_of(kept) if one not in known]
        return kept

    def _filled(self, element: Json, choice: object) -> Json:
        return blocks.filled(element, choice, self._offered.get(element["action_id"], []))
