"""Sample tickets of the company Orlen Lake, with the sentences that people write in them."""

from dataclasses import dataclass

from rules.escalations.escalations import RejectionReason
from rules.model.tickets import Priority


@dataclass(frozen=True, slots=True)
class SampleTicket:
    """`experts` is the team that it may be escalated to; `advice` and `comment` are given when they reject it."""

    title: str
    description: str
    type: str
    solution: str
    priority: Priority | None = None
    experts: str | None = None
    rejection_reason: RejectionReason | None = None
    comment: str = ""


SAMPLE_TICKETS = (
    SampleTicket(
        "VPN drops every ten minutes",
        "Since this morning the tunnel flaps on both gateways. I lose the CRM each time.",
        "network",
        "The gateway's firmware was rolled back; the tunnel has been stable for an hour.",
        Priority.HIGH,
        "network",
    ),
    SampleTicket(
        "Cannot log in to the CRM",
        "It says my account is locked. I have a customer call at two.",
        "access",
        "Your account is unlocked and the password reset link is in your mail.",
        Priority.HIGH,
    ),
    SampleTicket(
        "Invoice 4711 was sent twice",
        "The customer got the same invoice on Monday and on Tuesday and wants one of them cancelled.",
        "billing",
        "The second invoice is cancelled, the customer has the credit note.",
        None,
        "apps",
    ),
    SampleTicket(
        "Printer on floor 3 prints blank pages",
        "All of us on floor 3. The toner was changed yesterday.",
        "other",
        "The seal was still on the new toner. It prints again.",
        Priority.LOW,
    ),
    SampleTicket(
        "Meeting room screen stays black",
        "Room Odra. The laptop sees the screen, the screen shows nothing.",
        "other",
        "The cable is replaced, and a spare one is in the drawer.",
    ),
    SampleTicket(
        "Report export from CRM has no totals",
        "Last week's export ended with a line of totals, this week's has none.",
        "crm",
        "The totals line is back since today's release.",
        None,
        "apps",
        RejectionReason.KNOWN_SOLUTION,
        "Switch on 'Totals' in the export's options: it is off by default since the last release.",
    ),
    SampleTicket(
        "New colleague needs access to the price list",
        "Jan starts on Monday and needs to read, not to change.",
        "access",
        "Jan can read the price list from Monday on.",
    ),
    SampleTicket(
        "Wi-Fi is slow in the canteen",
        "Fine in the morning, nearly nothing at noon.",
        "network",
        "A second access point is up in the canteen.",
        None,
        "network",
        RejectionReason.INFORMATION_MISSING,
        "Send the name of the access point and a speed test at noon.",
    ),
    SampleTicket(
        "Web shop shows the wrong currency",
        "Customers from Prague see euros instead of crowns since the update.",
        "crm",
        "The shop picks the currency by the delivery country again.",
        Priority.CRITICAL,
        "apps",
    ),
    SampleTicket(
        "Phone does not ring",
        "Calls go to voicemail at once. Do not disturb is off.",
        "other",
        "The phone was registered twice; the old registration is gone.",
    ),
    SampleTicket(
        "Shared mailbox is full",
        "orders@ refuses new mail.",
        "access",
        "The mailbox is archived and has 20 GB again.",
        Priority.HIGH,
    ),
    SampleTicket(
        "Gateway log full of retries",
        "Monitoring shows 4,000 retries an hour on gateway two.",
        "network",
        "A faulty cable on gateway two is replaced, the retries have stopped.",
        Priority.CRITICAL,
        "network",
    ),
)
ALREADY_TRIED = "Restarted the client, tried from another network, looked at the list of known errors."
THANKS_REPLY = "Thank you, we are looking into it."
ESCALATION_REASON = "We can reproduce it, and first line has no access to the systems behind it."
SAMPLE_NOTES = ("Called back: it still happens.", "Looks like last month's case.", "The vendor has been asked.")
