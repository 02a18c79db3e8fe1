"""Competences as leads have said them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.competence import Competences
from rules.people import Skill
from rules.policy import Policy
from storage.tables_people import Competence


def competences(session: Session, workspace: str, people: Iterable[str], *, policy: Policy, day: date) -> Competences:
    """What is known of these people on that day."""
    wanted = list(dict.fromkeys(people))
    rows = select(Competence).where(Competence.workspace_id == workspace, Competence.person.in_(wanted))
    kept = {(row.person, row.type): _skill(row) for row in session.scalars(rows)}
    return Competences(policy, kept, day)


def _skill(row: Competence) -> Skill | None:
    if row.level is None:
        return None
    return Skill(row.level, date.fromisoformat(row.until) if row.until else None, row.certificate)
