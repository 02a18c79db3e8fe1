"""Drawings that go wrong, named as handlers name theirs."""

from rules.errors import DeskError


def broken() -> bytes:
    raise ZeroDivisionError("no runs")


def refused() -> bytes:
    raise DeskError("Too few tickets were done to forecast <anything>.")
