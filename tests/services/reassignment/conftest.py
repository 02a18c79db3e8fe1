"""The desk of these tests."""

from collections.abc import AsyncIterator

import pytest

from services.desk import Desk
from tests.desks import HeldClock, opened_desk
from tests.services.leaves import SKILLED


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """Ben is an expert of networks, Dan can do them, Carl knows nothing of them."""
    async with opened_desk(database_url, clock, plain=SKILLED) as opened:
        yield opened
