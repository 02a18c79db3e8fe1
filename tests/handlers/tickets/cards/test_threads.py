"""What the writer of a thread message reads, and nobody else."""

from handlers.tickets.cards.threads import message_recorded, note_sent
from tests.desks import problems


def test_every_answer_is_within_limits() -> None:
    note = message_recorded({"kept": "note", "number": 12, "seq": 3})
    late = message_recorded({"kept": "wrote", "number": 12, "done": True})

    for said in (note, late, note_sent(12)):
        assert said is not None
        assert problems("message", {"text": said.text, "blocks": said.blocks}) == []


def test_what_needs_no_choice_is_not_answered() -> None:
    assert message_recorded({"kept": "wrote", "number": 12, "done": False}) is None
    assert message_recorded({"kept": "replied", "number": 12}) is None
