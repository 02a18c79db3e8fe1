"""Drawings that go wrong, named as handlers name theirs."""

from rules.errors import Refused


def broken() -> bytes:
    raise ZeroDivisionError("no runs")


def refused() -> bytes:
    raise Refused("Too few tickets were done to forecast <anything>.")
