"""Where people want to receive alerts."""

from collections.abc import Sequence

from sqlalchemy import select

from rules.alerts import AlertChannel
from storage.schema.sla import AlertPreference
from storage.transaction import Reader, Transaction


def alert_channels(reader: Reader, people: Sequence[str]) -> dict[str, AlertChannel]:
    """By direct message unless the person chose otherwise."""
    rows = select(AlertPreference.person, AlertPreference.alerts).where(
        AlertPreference.workspace_id == reader.workspace, AlertPreference.person.in_(people)
    )
    chosen = dict(reader.session.execute(rows).all()) if people else {}
    return {person: chosen.get(person, AlertChannel.DM) for person in people}


def save_alert_channel(tx: Transaction, person: str, channel: AlertChannel) -> None:
    tx.session.merge(AlertPreference(workspace_id=tx.workspace, person=person, alerts=channel))
