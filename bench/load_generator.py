"""A light load generator: signed slash commands over keep-alive connections, from a process of its own."""

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
class LoadResult:
    """Requests per second, and milliseconds at the median and the 99th percentile."""

    rate: float
    p50_ms: float
    p99_ms: float
    failed: int
    failure: str = ""


def signed_request(port: int, serial: str) -> bytes:
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
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    )
    signature = "".join(f"{name}: {value}\r\n" for name, value in signature_headers(body).items())
    return f"{head}{signature}\r\n{body}".encode()


def signature_headers(body: str) -> dict[str, str]:
    stamp = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}


async def measure_load(port: int, connections: int, seconds: float, expected: str) -> LoadResult:
    """Sends as fast as answers come, on `at_once` connections, for so many seconds; a good answer says `says`."""
    latencies: list[float] = []
    failures: list[str] = []
    began = time.perf_counter()
    end = began + seconds

    async def send_requests(name: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        serial = 0
        while time.perf_counter() < end:
            serial += 1
            sent_at = time.perf_counter()
            writer.write(signed_request(port, f"{time.time_ns()}-{name}-{serial}"))
            failure = await _read_failure(reader, expected)
            latencies.append(time.perf_counter() - sent_at)
            if failure:
                failures.append(failure)
        writer.close()

    await asyncio.gather(*(send_requests(name) for name in range(connections)))
    rate = len(latencies) / (time.perf_counter() - began)
    latencies.sort()
    p50, p99 = (latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000 for share in (0.5, 0.99))
    return LoadResult(rate, p50, p99, len(failures), failures[0] if failures else "")


async def _read_failure(reader: asyncio.StreamReader, expected: str) -> str:
    """Empty when the answer was 200 and contains `expected`; otherwise the answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(
        (int(line.partition(":")[2]) for line in head.splitlines() if line.lower().startswith("content-length")), 0
    )
    body = (await reader.readexactly(length)).decode() if length else ""
    if " 200 " not in head.splitlines()[0]:
        return head.splitlines()[0]
    return "" if expected in body else body[:200] or "an empty answer"


if __name__ == "__main__":
    port_, at_once_, seconds_, says_ = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    print(json.dumps(asdict(asyncio.run(measure_load(port_, at_once_, seconds_, says_)))))
