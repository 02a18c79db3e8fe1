"""Runs the local workspace from a seed file: python -m bot.emulator SEED.yml --port 8000."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import yaml

from bot.emulator.errors import SeedError
from bot.emulator.server import Emulator

DEFAULT_PORT = 8000


async def run_until_stopped(seed: Path, port: int, http: str | None, rate_limits: bool) -> None:
    emulator = Emulator(read_seed(seed), rate_limits)
    emulator.use_http(http)
    await emulator.start(port)
    app = emulator.workspace.app
    print(f"People:  {emulator.url}")
    print(f"The app: SLACK_API_URL={emulator.api_url} SLACK_BOT_TOKEN={app.bot_token} SLACK_APP_TOKEN={app.app_token}")
    if http:
        print(f"Events go to {http}, signed with the seed's signing_secret.")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await emulator.stop()


def read_seed(path: Path) -> dict[str, object]:
    """app.manifest may be the path of a manifest.yml beside the seed."""
    try:
        data = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise SeedError(f"{path} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise SeedError(f"{path} must hold a mapping with team, people, channels and app.")
    app = data.get("app")
    if isinstance(app, dict) and isinstance(app.get("manifest"), str):
        app["manifest"] = yaml.safe_load((path.parent / app["manifest"]).read_text())
    return data


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.emulator", description="A small Slack on your own machine.")
    parser.add_argument("seed", type=Path, help="YAML file with team, people, channels and app")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--http", metavar="URL", help="send signed HTTP there instead of using Socket Mode")
    parser.add_argument("--rate-limits", action="store_true", help="about one message a second and channel")
    options = parser.parse_args()
    try:
        asyncio.run(run_until_stopped(**vars(options)))
    except SeedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
