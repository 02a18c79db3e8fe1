"""The workspace as one object: start it, point an app at it, act in it."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.emulator.people.person import Person
from bot.emulator.session import AppSession
from bot.emulator.state import seed, user_groups, users
from bot.emulator.web import api, page
from bot.emulator.web.stream import PageStream

MAX_REQUEST_BYTES = 64 * 1024 * 1024
HOST = "127.0.0.1"


class Emulator(AppSession):
    def __init__(self, seed_data: Mapping[str, Any], rate_limits: bool = False) -> None:
        super().__init__(seed.build_workspace(seed_data))
        self.workspace.rate_limits.enabled = rate_limits
        self._people: dict[str, Person] = {}
        self._stream = PageStream(self.workspace, self.traffic)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return self.workspace.url

    @property
    def api_url(self) -> str:
        return self.workspace.url + "/api/"

    async def start(self, port: int = 0, host: str = HOST) -> None:
        """Port 0 takes a free one."""
        app = web.Application(client_max_size=MAX_REQUEST_BYTES, middlewares=[page.check_same_origin])
        app.add_routes(api.api_routes(self))
        app.add_routes(page.page_routes(self, self.person, self._stream))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.workspace.url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.faults.answer_again()
        await self.delivery.stop()
        await self._stream.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def person(self, user_id: str) -> Person:
        if user_id not in self._people:
            if user_id not in self.workspace.users:
                raise LookupError(f"Nobody here is {user_id!r}; the seed knows {', '.join(self.workspace.users)}.")
            self._people[user_id] = Person(self, self.workspace.users[user_id])
        return self._people[user_id]

    def add_person(self, **fields: Any) -> Person:
        return self.person(users.join_team(self.workspace, **fields).id)

    def change_person(self, user_id: str, **fields: Any) -> None:
        users.change_user(self.workspace, user_id, **fields)

    def change_group(self, group_id: str, **fields: Any) -> None:
        user_groups.change_group(self.workspace, group_id, **fields)
