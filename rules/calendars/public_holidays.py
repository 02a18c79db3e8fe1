"""Public holidays of countries and their parts, with names."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from rules.errors import Refused
from rules.text import Code, _

_COUNTRY = re.compile(r"[A-Z]{2}(-\S+)?")


@lru_cache(maxsize=1024)
def holidays_in_year(code: str, year: int) -> Mapping[date, str]:
    """The names of that year's holidays by date ("PL", "DE-BY"), in English where known."""
    country, part = code.partition("-")[::2]
    return dict(holidays.country_holidays(country, subdiv=part or None, years=year, language="en_US"))


@lru_cache(maxsize=1024)
def check_holiday_country(code: str) -> None:
    country, part = code.partition("-")[::2]
    try:
        if not _COUNTRY.fullmatch(code):
            raise NotImplementedError
        holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise Refused(
            _("{code} has no known holidays: write a country such as PL, or its part, DE-BY.", code=Code(code))
        ) from error
