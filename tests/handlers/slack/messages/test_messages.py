"""Messages that Slack tells of are read once."""

from handlers.slack.messages.messages import SlackMessage


def test_a_message_event_tells_who_wrote_what_where() -> None:
    event = {"type": "message", "user": "U1", "channel": "C1", "ts": "2.0", "thread_ts": "1.0", "text": "a &amp; b"}

    said = SlackMessage.from_event({"event_id": "Ev1", "event": event})

    assert (said.user, said.channel, said.thread_ts, said.text, said.key) == ("U1", "C1", "1.0", "a & b", "event:Ev1")
