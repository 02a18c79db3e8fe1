"""`baton demo` as a newcomer starts it: from a shell, with Ctrl-C at the end."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import ClientSession, WSMsgType

TOP = Path(__file__).parents[3]
SECONDS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the demo keeps what it forgets."""
    kept = tmp_path / "temporary"
    kept.mkdir()
    return kept


@pytest.fixture
def demo(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--no-cast"]
    surroundings = {**os.environ, "PYTHONPATH": str(TOP), "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        cwd=folder.parent,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        yield running
        running.kill()


def addresses(demo: subprocess.Popen[str]) -> tuple[str, str]:
    """What it prints once it is open: where its Slack is and where its readiness, and nothing more is needed to go
    there."""
    assert demo.stdout is not None
    said = ""
    for line in demo.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    found = re.search(r"Baton is open:\s+(http://\S+)", said)
    pages = re.search(r"For monitoring: (http://\S+)", said)
    assert found, said
    assert pages, said
    slack, _, place = found[1].partition("/?")
    assert place == "as=U0ANA&channel=C0SUPPORT", "the first page is one where something is to be seen"
    return slack, pages[1]


def cards(messages: list[dict[str, object]]) -> list[dict[str, object]]:
    return [one for one in messages if "ticket.take" in str(one.get("blocks"))]


async def channel(session: ClientSession, url: str) -> list[dict[str, object]]:
    async with session.get(f"{url}/ui/channel/C0SUPPORT", params={"as": "U0ANA"}) as answer:
        said: list[dict[str, object]] = (await answer.json())["messages"]
        return said


async def a_card(session: ClientSession, url: str) -> dict[str, object]:
    """The first card in #support, as soon as it is there."""
    async with session.ws_connect(f"{url}/ui/stream?as=U0ANA") as stream:
        if found := cards(await channel(session, url)):
            return found[0]
        async for heard in stream:
            assert heard.type is WSMsgType.TEXT
            if found := cards([heard.json().get("message") or {}]):
                return found[0]
    raise AssertionError("The demo ended before a card was shown.")


async def test_it_opens_where_it_says_and_leaves_nothing_behind(demo: subprocess.Popen[str], folder: Path) -> None:
    url, readiness = addresses(demo)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with ClientSession(timeout=timeout) as session:
        async with session.get(url) as page:
            assert page.status == 200
        async with session.get(readiness) as page:
            assert page.status == 200
        card = await a_card(session, url)
    assert "Ticket #" in str(card["text"])

    demo.send_signal(signal.SIGINT)

    rest = demo.communicate(timeout=SECONDS)[0]
    assert demo.returncode in (0, 130)
    assert "Traceback" not in rest
    assert list(folder.iterdir()) == []
