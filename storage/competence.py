"""Competences as leads have said them, and who said what when."""

import time
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.competence import Competences
from rules.people import Skill
from rules.policy import Policy
from storage.tables_people import Competence, CompetenceChange
from storage.work import Work


def competences(session: Session, workspace: str, people: Iterable[str], *, policy: Policy, day: date) -> Competences:
    """What is known of these people on that day."""
    wanted = list(dict.fromkeys(people))
    rows = select(Competence).where(Competence.workspace_id == workspace, Competence.person.in_(wanted))
    kept = {(row.person, row.type): _skill(row) for row in session.scalars(rows)}
    return Competences(policy, kept, day)


def keep(work: Work, person: str, type_key: str, *, was: Skill | None, now: Skill | None, by: str) -> None:
    """This is how well they know the type from now on, and the history says what it was before."""
    work.session.merge(
        Competence(
            workspace_id=work.workspace,
            person=person,
            type=type_key,
            level=now.level if now else None,
            until=now.until.isoformat() if now and now.until else None,
            certificate=now.certificate if now else "",
            by=by,
            at=work.now,
        )
    )
    work.session.add(
        CompetenceChange(
            workspace_id=work.workspace,
            id=time.time_ns(),
            person=person,
            type=type_key,
            was=plain(was),
            now=plain(now),
            by=by,
            at=work.now,
        )
    )
    work.flush()


def history_of(session: Session, workspace: str, person: str, *, limit: int) -> Sequence[CompetenceChange]:
    """What was said of the person, the newest first."""
    mine = select(CompetenceChange).where(CompetenceChange.workspace_id == workspace, CompetenceChange.person == person)
    return session.scalars(mine.order_by(CompetenceChange.id.desc()).limit(limit)).all()


def plain(skill: Skill | None) -> dict[str, Any] | None:
    """As JSON keeps it; None where there was no level."""
    if skill is None:
        return None
    until = skill.until.isoformat() if skill.until else None
    return {"level": str(skill.level), "until": until, "certificate": skill.certificate}


def _skill(row: Competence) -> Skill | None:
    if row.level is None:
        return None
    return Skill(row.level, date.fromisoformat(row.until) if row.until else None, row.certificate)
