"""How people want to hear of things."""

from collections.abc import Sequence

from sqlalchemy import select

from rules.alerts import HearBy
from storage.schema.sla import Preference
from storage.transaction import Reader, Transaction


def hear_by(reader: Reader, people: Sequence[str]) -> dict[str, HearBy]:
    """How each of them hears of alerts; by direct message unless they chose otherwise."""
    rows = select(Preference.person, Preference.alerts).where(
        Preference.workspace_id == reader.workspace, Preference.person.in_(people)
    )
    chosen = dict(reader.session.execute(rows).all()) if people else {}
    return {person: chosen.get(person, HearBy.DM) for person in people}


def choose(tx: Transaction, person: str, how: HearBy) -> None:
    """This person hears of alerts so from now on."""
    tx.session.merge(Preference(workspace_id=tx.workspace, person=person, alerts=how))
