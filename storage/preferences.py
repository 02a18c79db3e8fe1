"""How people want to hear of things."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.alerts import HearBy
from storage.schema.sla import Preference
from storage.transaction import Work


def hear_by(session: Session, workspace: str, people: Sequence[str]) -> dict[str, HearBy]:
    """How each of them hears of alerts; by direct message unless they chose otherwise."""
    rows = select(Preference.person, Preference.alerts).where(
        Preference.workspace_id == workspace, Preference.person.in_(people)
    )
    chosen = dict(session.execute(rows).all()) if people else {}
    return {person: chosen.get(person, HearBy.DM) for person in people}


def choose(work: Work, person: str, how: HearBy) -> None:
    """This person hears of alerts so from now on."""
    work.session.merge(Preference(workspace_id=work.workspace, person=person, alerts=how))
