"""Numbers for Prometheus."""


def delivered(kind: str, result: str) -> None:
    """One row of the outbox was handled."""
