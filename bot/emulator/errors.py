"""What the workspace refuses, in Slack's own error names."""

from collections.abc import Sequence
from http import HTTPStatus

from bot.emulator.types import Json


class SlackError(Exception):
    """Slack's answer to a refused call: the error name, the HTTP status and any further fields.

    problems are sentences about the request; Slack lists them in response_metadata.
    """

    def __init__(
        self,
        error: str,
        *,
        status: int = HTTPStatus.OK,
        retry_after: float | str | None = None,
        problems: Sequence[str] = (),
        **fields: object,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after
        self.fields = fields
        if problems:
            self.fields["response_metadata"] = {"messages": [f"[ERROR] {problem}" for problem in problems]}

    def body(self) -> Json:
        return {"ok": False, "error": self.error, **self.fields}

    def detail(self) -> str:
        return "; ".join(f"{name}: {value}" for name, value in self.fields.items())


class InjectedError(SlackError):
    """An error that a test asked for: the app made no mistake."""


class SeedError(ValueError):
    """The seed cannot become a workspace; the text says which entry and what is expected."""
