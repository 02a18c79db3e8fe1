"""What the acknowledgement waits for ends by itself: no listener calls Slack without a time limit."""

import ast
from pathlib import Path

TOP = Path(__file__).parents[2]
# Here the whole goes under one limit, or on in the background, after the answer.
ELSEWHERE = {
    "handlers/charts/upload.py",
    "handlers/intake/origins.py",
    "handlers/people/people.py",
    "handlers/people/slack_status.py",
    "handlers/slack/ephemeral.py",
    "handlers/slack/errors.py",
    "handlers/slack/modals.py",
    "handlers/slack/messages/names.py",
}


def test_every_call_of_slack_in_a_listener_has_a_time_limit() -> None:
    files = [path for path in sorted((TOP / "handlers").rglob("*.py")) if str(path.relative_to(TOP)) not in ELSEWHERE]

    assert [f"{path.relative_to(TOP)}:{line}" for path in files for line in unlimited_calls(path)] == []


def test_nothing_waits_by_a_function_that_may_swallow_a_cancellation() -> None:
    """asyncio.wait_for of Python 3.11 does, when the answer comes at that very moment; asyncio.timeout does not."""
    files = [path for layer in ("bot", "handlers", "services", "storage") for path in (TOP / layer).rglob("*.py")]

    assert [str(path.relative_to(TOP)) for path in files if "wait_for(" in path.read_text(encoding="utf-8")] == []


def unlimited_calls(path: Path) -> list[int]:
    """Lines with `await client.method(…)`; what is handed to a limit is not awaited itself."""
    awaited = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Await)]
    return [call.lineno for call in awaited if isinstance(call, ast.Call) and _is_of_client(call.func)]


def _is_of_client(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in ("client", "slack")
    )
