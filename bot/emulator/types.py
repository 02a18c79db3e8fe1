"""Types that every part of the local workspace speaks of."""

from typing import Any

Json = dict[str, Any]
