"""The story tells a reply to the customer from an internal note, and what changed from what to what."""

import pytest

from handlers.tickets.cards.timeline import next_part, requester_message, timeline_entry
from rules.escalations.escalations import RejectionReason
from rules.model.tickets import Status
from storage.events import DESK_ACTOR, EventKind
from tests.desks import problems
from tests.handlers.hostile import TYPED, alarms, event_of, policy_of, ticket_of

POLICY = policy_of("Network")


def file_of(text: str) -> dict[str, str]:
    return {"name": text, "url": f"https://orlen-lake.example/{text[:200]}"}


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("kind", EventKind)
def test_whatever_people_typed_every_line_is_harmless_and_within_limits(text: str, kind: EventKind) -> None:
    changed = {"title": [text[:150], "VPN"], "customer": [None, text[:150]], "type": [text[:100], "network"]}
    told = {"to": "network", "advice": str(RejectionReason.OTHER), "more": "2h", "step": text[:75], "next": text[:75]}
    event = event_of(str(kind), text=text, changed=changed, files=[file_of(text)] * 12, **told)

    said = timeline_entry(event, ticket_of(text), policy_of(text))

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("kind", [EventKind.REPLIED, EventKind.RESOLVED])
def test_so_is_what_the_requester_reads(text: str, kind: EventKind) -> None:
    event = event_of(str(kind), text=text, files=[file_of(text)])

    said = requester_message(event, ticket_of(text, Status.RESOLVED), first=True)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


def test_a_note_and_a_reply_are_told_apart_in_words() -> None:
    note = timeline_entry(event_of("noted", text="Third time."), ticket_of("VPN"), POLICY).text
    reply = timeline_entry(event_of("replied", text="We are on it."), ticket_of("VPN"), POLICY).text

    assert note == "#12: <@U0AGENT1> wrote an *internal note* “Third time.”"
    assert reply == "#12: <@U0AGENT1> *replied to the requester* “We are on it.”"


def test_an_acceptance_says_with_whom_it_is_now() -> None:
    lines = []
    for holder in ("U0AGENT1", "U0EXPERT1", None):
        event = event_of("accepted")
        event.assignee, event.team = holder, "network"
        lines.append(timeline_entry(event, ticket_of("VPN"), POLICY).text)

    assert [one.removeprefix("#12: ✓ <@U0AGENT1> accepted the escalation") for one in lines] == [
        " · Assignee <@U0AGENT1>",
        " · Assignee <@U0EXPERT1>",
        " for Network · Unassigned",
    ]


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        ("passed_over", {"late": ["U1A"]}, "<@U1A> did not answer the escalation in time; the next one is asked"),
        ("passed_over", {"away": ["U1A"]}, "<@U1A> is away now; another expert is asked"),
        (
            "passed_over",
            {"asked": "U1A"},
            "The experts did not answer the escalation in time; <@U1A> is asked by name",
        ),
        ("sent_on", {}, "No teammate reviewed the escalation in time; it went to the experts"),
    ],
)
def test_what_the_desk_did_because_nobody_answered_is_told(kind: str, told: dict[str, object], words: str) -> None:
    event = event_of(kind, **told)
    event.by = DESK_ACTOR

    assert timeline_entry(event, ticket_of("VPN"), POLICY).text == f"#12: {words}"


def test_a_message_that_is_only_a_file_is_told_as_its_link() -> None:
    said = timeline_entry(event_of("wrote", text="", files=[file_of("trace.txt")]), ticket_of("VPN"), POLICY)

    assert said.blocks[1]["elements"][0]["text"] == "📎 <https://orlen-lake.example/trace.txt|trace.txt>"


def test_a_change_names_both_values_in_the_cards_own_words() -> None:
    changed = {"priority": ["normal", "critical"], "customer": [None, "Acme"], "reply_by": ["slack", "phone"]}

    said = timeline_entry(event_of("changed", changed=changed), ticket_of("VPN"), POLICY).text

    assert said == (
        "#12: <@U0AGENT1> changed priority from Normal to Critical, customer from none to “Acme”, "
        "reply channel from Slack to Phone"
    )


@pytest.mark.parametrize("length", [1999, 2900, 8000, 9000, 17_000])
def test_the_end_of_a_long_reply_is_read_too(length: int) -> None:
    text = "x" * (length - 4) + " end"

    event, part = event_of("replied", text=text), 0
    while (following := next_part(event, part)) is not None:
        part = following
    said = requester_message(event, ticket_of("VPN"), first=True, part=part)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert "".join(block["text"]["text"] for block in said.blocks if block["type"] == "section").endswith(" end")
