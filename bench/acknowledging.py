"""The lower bound: a bare Bolt app that only acknowledges, served as Baton is."""

import sys

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from bench.desk import WORKSPACE
from bench.load_generator import SECRET


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=WORKSPACE, bot_token="xoxb-bench", bot_user_id="U0BATON")


def app_without_listeners() -> AsyncApp:
    return AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)


def acknowledging_app() -> AsyncApp:
    app = app_without_listeners()

    @app.command("/ticket")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    return app


def serve_app(app: AsyncApp, *, port: int) -> None:
    handler = AsyncSlackRequestHandler(app, path="/slack/events")
    config = uvicorn.Config(
        handler,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    serve_app(acknowledging_app(), port=int(sys.argv[1]))
