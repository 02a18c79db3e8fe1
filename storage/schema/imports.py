"""The table of imported logs."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.columns import Table


class ImportedLog(Table):
    """The rows that a ticket was imported from, packed, and how many of its events come from them."""

    __tablename__ = "imported_logs"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    events: Mapped[int]
    rows: Mapped[bytes] = mapped_column(LargeBinary)
