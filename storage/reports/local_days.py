"""The local day of a stored moment, reckoned by the database, so that tickets are counted there."""

from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Date, SQLColumnExpression, case, func, type_coerce

from rules.calendars.timezones import utc_offsets
from storage.transaction import Reader


def local_day(
    reader: Reader, moment: SQLColumnExpression[datetime], zone: str, first: datetime, last: datetime
) -> ColumnElement[date]:
    """`moment` lies between `first` and `last`. SQLite knows no zones: it is given the clock changes between them."""
    if reader.session.get_bind().dialect.name == "postgresql":
        return func.date(func.timezone(zone, moment), type_=Date)
    whens = [
        (moment >= datetime.fromtimestamp(since, UTC), func.date(moment, f"{offset:+d} seconds"))
        for since, offset in _offsets_from_latest(zone, first.year, last.year)
    ]
    return type_coerce(case(*whens), Date)


def _offsets_from_latest(zone: str, first_year: int, last_year: int) -> list[tuple[int, int]]:
    """(since, offset) in UTC seconds; each counts until the next."""
    periods = {
        begins: offset for year in range(first_year, last_year + 1) for begins, _, offset in utc_offsets(zone, year)
    }
    return sorted(periods.items(), reverse=True)
