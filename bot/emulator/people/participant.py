"""A person as the app meets her: her open modals, her ephemerals, and the payloads that are sent for her."""

from dataclasses import dataclass, field

from bot.emulator.errors import SlackError
from bot.emulator.events.delivery import Answer
from bot.emulator.session import AppSession
from bot.emulator.state.workspace import Change, User
from bot.emulator.types import Json


@dataclass
class Outcome:
    ok: bool
    status: int = 200
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    ephemerals: list[Json] = field(default_factory=list)
    view: Json | None = None


class Participant:
    def __init__(self, session: AppSession, user: User) -> None:
        self.id = user.id
        self.user = user
        self.session = session
        self.workspace = session.workspace
        self._ephemerals: list[Json] = []
        self.workspace.listeners.append(self._collect_ephemeral)

    @property
    def view(self) -> Json | None:
        """Her top open modal, None when all are closed."""
        return self.views[-1] if self.views else None

    @property
    def views(self) -> list[Json]:
        return list(self.workspace.modals.get(self.id, []))

    @property
    def home(self) -> Json | None:
        return self.workspace.homes.get(self.id)

    def open_view(self, view_id: str) -> Json:
        for view in self.views:
            if view["id"] == view_id:
                return view
        raise SlackError("not_found")

    def ephemeral_count(self) -> int:
        return len(self._ephemerals)

    async def interact(self, kind: str, payload: Json) -> Outcome:
        """kind: slash_commands or interactive."""
        since = self.ephemeral_count()
        return self.outcome(await self.session.delivery.send_interaction(kind, payload), since)

    def outcome(self, answer: Answer, since: int) -> Outcome:
        """since: the ephemeral_count() before the payload was sent."""
        ephemerals = self._ephemerals[since:]
        return Outcome(answer.error is None, answer.status, answer.error, ephemerals=ephemerals, view=self.view)

    def _collect_ephemeral(self, change: Change) -> None:
        if change.kind == "ephemeral" and change.user == self.id:
            self._ephemerals.append(change.message)
