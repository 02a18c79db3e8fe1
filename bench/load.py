"""A light load generator: signed slash commands over kept-alive connections, from a process of its own."""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

SECRET = "bench-secret"
TEXT = "VPN is down on floor 3 !high type:network"


@dataclass(frozen=True)
class Load:
    """What came of one round: requests a second, and milliseconds at the median and the 99th percentile."""

    rate: float
    p50_ms: float
    p99_ms: float
    failed: int
    failure: str = ""


def request(port: int, serial: str) -> bytes:
    """One signed `/ticket`, different from every other."""
    form = {
        "command": "/ticket",
        "text": f"{TEXT} {serial}",
        "user_id": "U0AGENT1",
        "user_name": "ana",
        "team_id": "T0BENCH",
        "team_domain": "bench",
        "channel_id": "C0SUPPORT",
        "channel_name": "support",
        "api_app_id": "A0BENCH",
        "trigger_id": f"{serial}.1",
        "response_url": "http://127.0.0.1:9/none",
    }
    body = urlencode(form)
    stamp = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={signed}\r\n\r\n"
    )
    return (head + body).encode()


async def measure(port: int, at_once: int, seconds: float, says: str) -> Load:
    """Sends as fast as answers come, on `at_once` connections, for so many seconds; a good answer says `says`."""
    took: list[float] = []
    failures: list[str] = []
    began = time.perf_counter()
    end = began + seconds

    async def person(name: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        serial = 0
        while time.perf_counter() < end:
            serial += 1
            sent = time.perf_counter()
            writer.write(request(port, f"{time.time_ns()}-{name}-{serial}"))
            wrong = await _wrong(reader, says)
            took.append(time.perf_counter() - sent)
            if wrong:
                failures.append(wrong)
        writer.close()

    await asyncio.gather(*(person(name) for name in range(at_once)))
    rate = len(took) / (time.perf_counter() - began)
    took.sort()
    p50, p99 = (took[min(len(took) - 1, int(len(took) * share))] * 1000 for share in (0.5, 0.99))
    return Load(rate, p50, p99, len(failures), failures[0] if failures else "")


async def _wrong(reader: asyncio.StreamReader, says: str) -> str:
    """Empty when the answer was 200 and said so; else what came."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(
        (int(line.partition(":")[2]) for line in head.splitlines() if line.lower().startswith("content-length")), 0
    )
    body = (await reader.readexactly(length)).decode() if length else ""
    if " 200 " not in head.splitlines()[0]:
        return head.splitlines()[0]
    return "" if says in body else body[:200] or "an empty answer"


if __name__ == "__main__":
    port_, at_once_, seconds_, says_ = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    print(json.dumps(asdict(asyncio.run(measure(port_, at_once_, seconds_, says_)))))
