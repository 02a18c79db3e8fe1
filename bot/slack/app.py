"""Builds the Bolt app: its client, its authorization, the desk for each request and the listeners."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.payloads import user_of
from handlers.slack.people.strangers import OwnWorkspace, mark_strangers
from handlers.slack.router import Router
from services.desk import Desk, one_answer
from services.notifications.recipients import desk_for_person

REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Installation:
    """The app's identity in this workspace, as auth.test answered at the start; `enterprise_id` is empty outside of an
    organisation of several workspaces."""

    team_id: str
    bot_user_id: str
    bot_id: str
    enterprise_id: str = ""


def open_session() -> aiohttp.ClientSession:
    """As many connections as are asked for: destinations that hang must not keep a form from opening."""
    return aiohttp.ClientSession(timeout=REQUEST_TIMEOUT, connector=aiohttp.TCPConnector(limit=0))


def make_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client without retries: delivery decides on them, row by row."""
    retries: list[AsyncRetryHandler] = []
    return AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=retries)


async def identify_app(slack: AsyncWebClient) -> Installation:
    answer = await slack.auth_test()
    return Installation(
        team_id=str(answer["team_id"]),
        bot_user_id=str(answer["user_id"]),
        bot_id=str(answer.get("bot_id", "")),
        enterprise_id=str(answer.get("enterprise_id") or ""),
    )


def build_app(desk: Desk, slack: AsyncWebClient, installed: Installation, router: Router) -> AsyncApp:
    """The app for one workspace. The transaction commits before the acknowledgement.

    Requests are genuine: bot/slack/signatures.py has verified the signature, or they came over Socket Mode.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=installed.team_id,
            bot_user_id=installed.bot_user_id,
            bot_id=installed.bot_id,
            bot_token=slack.token,
        )

    logger = logging.getLogger("baton.bolt")
    logger.setLevel(logging.ERROR)  # Bolt warns at every start that it gets the token twice
    app = AsyncApp(
        name=logger.name,  # Bolt gives this level to the logger of this name too, and looks for a name without one
        logger=logger,
        client=slack,
        authorize=authorize,
        signing_secret="unused: SlackEndpoint verifies",
        process_before_response=True,
        ssl_check_enabled=False,
        request_verification_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.ERROR)
    router.own_workspace = OwnWorkspace(installed.team_id, installed.enterprise_id, installed.bot_user_id)
    app.use(_InjectDesk(desk, router.own_workspace))
    router.attach(app)
    return app


class _InjectDesk(AsyncMiddleware):
    """Gives every listener its desk. A class: of a function Bolt would inspect the arguments at every request."""

    def __init__(self, desk: Desk, own_workspace: OwnWorkspace) -> None:
        self._desk = desk
        self._own_workspace = own_workspace

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        mark_strangers(req.body, self._own_workspace)
        with one_answer():
            req.context["desk"] = await desk_for_person(self._desk, user_of(req.body))
            return await next()
