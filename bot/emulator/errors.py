"""What the workspace refuses, in Slack's own error names."""

from typing import Any

OK_STATUS = 200


class Refused(Exception):
    """Carries what Slack would answer: its error name, the HTTP status and any further fields."""

    def __init__(self, error: str, *, status: int = OK_STATUS, retry_after: int | None = None, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after
        self.more = more

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.more}

    def detail(self) -> str:
        return "; ".join(f"{name}: {value}" for name, value in self.more.items())


class AskedFor(Refused):
    """A refusal that a test asked for: no mistake of the app's."""


class SeedError(ValueError):
    """The seed cannot become a workspace; the text says which entry and what is expected."""
