"""The floor: a bare Bolt app that only acknowledges, served as Baton is."""

import sys

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from bench.load import SECRET


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0BENCH", bot_token="xoxb-bench", bot_user_id="U0BATON")


def bare() -> AsyncApp:
    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @app.command("/ticket")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    return app


if __name__ == "__main__":
    handler = AsyncSlackRequestHandler(bare(), path="/slack/events")
    config = uvicorn.Config(
        handler,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
    )
    uvicorn.Server(config).run()
