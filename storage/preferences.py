"""Where people want to receive alerts."""

from collections.abc import Sequence

from rules.alerts import AlertChannel
from storage.schema.sla import AlertPreference
from storage.transaction import Reader, Transaction, all_where


def alert_channels(reader: Reader, people: Sequence[str]) -> dict[str, AlertChannel]:
    """By direct message unless the person chose otherwise."""
    rows = all_where(reader, AlertPreference, AlertPreference.person.in_(people)) if people else ()
    chosen = {row.person: row.alerts for row in rows}
    return {person: chosen.get(person, AlertChannel.DM) for person in people}


def save_alert_channel(tx: Transaction, person: str, channel: AlertChannel) -> None:
    tx.session.merge(AlertPreference(workspace_id=tx.workspace, person=person, alerts=channel))
