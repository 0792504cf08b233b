"""What the made-up pod of the demo found, decided and promised, and when: the data that `history` plays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.pod import BotChange

LENA, MARA, JONAS, PRIYA = (f"{name} (demo)" for name in ("Lena", "Mara", "Jonas", "Priya"))
"""Lena leads the pod; the others are its engineers."""


@dataclass(frozen=True)
class Fault:
    """A fault of the demo as the pod came to see it."""

    bot: str
    """Whose fault it is."""
    words: tuple[str, ...]
    """What the cluster's signature, keywords or typical request hold."""
    cause: str
    """What the pod called its root cause."""
    severity: str
    """S1 to S4."""
    remark: str
    """What a reader wrote of one of its conversations."""
    over: bool = False
    """Whether its cluster is the one that has stopped, where another one is worded alike."""

    def shows_in(self, row: ClusterRow) -> bool:
        """Whether a cluster is of this fault."""
        text = " ".join((row.signature, *row.keywords, row.sentence)).lower()
        return row.bot == self.bot and all(word in text for word in self.words) and (row.stopped or not self.over)


@dataclass(frozen=True)
class Fix:
    """A ticket for a fault, and how far it came."""

    fault: str
    """The fault's name in `FAULTS`."""
    owner: str
    """Who promised it."""
    opened: date
    """The day of the ticket."""
    due: date
    """The day that it was promised for."""
    fixed: date | None = None
    """The day from which the fix was out; None while it is not."""
    judged: tuple[date, ...] = ()
    """The days on which somebody looked whether it worked, by the logs up to then."""
    remedy: str = ""
    """What was done."""


@dataclass(frozen=True)
class Meeting:
    """A triage session that was held."""

    day: date
    """A Monday."""
    title: str
    """What it was called."""
    decided: tuple[str, ...]
    """The faults that it decided, by name."""
    skipped: tuple[str, ...]
    """Those that it left for another time."""
    minutes: int
    """How long it took."""


FAULTS = {
    "outage": Fault("parcel-care", ("track_parcel",), "tool-fault", "S3", "The tracking service was down, and it kept trying"),
    "dates": Fault("parcel-care", ("create_claim", "date"), "wrong-tool-call", "S3", "Sends the date as it was typed, the claim is refused"),
    "pickup": Fault("parcel-care", ("repeated-write",), "repeated-action", "S1", "Two pickups booked for one request"),
    "person": Fault("parcel-care", ("same reply three times", "lost"), "handoff", "S3", "Asks for a person three times and gets the same reply"),
    "refund": Fault("parcel-care", ("issue_refund",), "policy-not-followed", "S1", "Refunds what the rules don't allow"),
    "address": Fault("parcel-care", ("no tool called", "address"), "said-not-done", "S2", "Says the address is changed, no call was made"),
    "silence": Fault("parcel-care", ("empty-reply",), "model-change", "S3", "No reply at all after the tool's result"),
    "cut": Fault("bank-help", ("cut-off",), "bad-format", "S4", "The answer stops in the middle of a sentence"),
    "fees": Fault("bank-help", ("cash", "leaves its documents"), "retrieval-miss", "S2", "The page on fees abroad exists and wasn't found"),
    "unit": Fault("bank-help", ("set_limit",), "wrong-tool-call", "S3", "Sends cents where euros are wanted"),
    "dispute": Fault("bank-help", ("open_dispute",), "tool-result-ignored", "S2", "The dispute was refused, the bot says it is open"),
    "loop": Fault("bank-help", ("repeated-call",), "loop", "S3", "Looks the same card up again and again"),
    "mortgage": Fault("bank-help", ("early", "mortgage"), "ungrounded-answer", "S2", "Names a fee that no document has"),
    "statement": Fault("bank-help", ("no tool called", "mailbox"), "said-not-done", "S3", "Says the statement is on its way, nothing was sent", over=True),
    "lab": Fault("clinic-desk", ("get_lab_results",), "tool-fault", "S3", "Access to the results denied, and no way on"),
    "move": Fault("clinic-desk", ("book_appointment", "move"), "incomplete", "S1", "The old appointment still stands"),
    "vaccine": Fault("clinic-desk", ("yellow",), "knowledge-gap", "S3", "There is no page on vaccinations for travel"),
    "blocked": Fault("clinic-desk", ("filter-block",), "guardrail", "S3", "The filter stops a renewal because of the medicine's name"),
    "insurance": Fault("clinic-desk", ("insurance", "transfer_to_staff"), "handoff", "S4", "Handed over though the answer is on the page"),
}  # fmt: skip
"""By name. What else the demo shows is left for whoever looks around."""

_POD = "Customer service (demo)"
_HOURS = {"S1": 72, "S2": 240, "S3": 480}
INVENTORY: dict[str, BotChange] = {
    "bank-help": {
        "owner": JONAS, "deputy": PRIYA, "on_call": "Bank rota (demo)", "provider": "Meridian (demo)", "sla": _HOURS,
        "models": ["3.1", "3.2"], "prompts": [], "pod": _POD, "note": "Retail banking, all channels.",
    },
    "parcel-care": {
        "owner": MARA, "on_call": "Parcel rota (demo)", "provider": "Atlas (demo)", "sla": _HOURS,
        "models": ["2026-04"], "prompts": ["p12", "p13", "p14"], "pod": _POD, "note": "Runs on the carrier's own tools.",
    },
    "returns-desk": {
        "owner": PRIYA, "deputy": MARA, "provider": "Atlas (demo)",
        "pod": _POD, "note": "Live since September. Its logs were promised and have not come.",
    },
}  # fmt: skip
"""What is said of each bot that has an owner; one of them sends no logs, and one bot of the logs is nobody's."""

FIXES = (
    Fix("outage", MARA, date(2026, 9, 16), date(2026, 9, 18), date(2026, 9, 18), (date(2026, 10, 5),),
        remedy="The tracking service answers from a copy while its own database is down. After one failed call the bot says so and offers a call back."),
    Fix("cut", JONAS, date(2026, 9, 14), date(2026, 9, 28), date(2026, 9, 28), (date(2026, 11, 2), date(2026, 11, 16)),
        remedy="The limit of 60 tokens is out of the prompt; answers may be three sentences."),
    Fix("statement", PRIYA, date(2026, 9, 21), date(2026, 10, 5), date(2026, 10, 5), (date(2026, 11, 9),),
        remedy="The tool that sends a statement is described with an example, and the reply may say \"sent\" only after its result."),
    Fix("fees", JONAS, date(2026, 9, 28), date(2026, 10, 12), date(2026, 10, 12), (date(2026, 11, 9),),
        remedy="The search for fees abroad carries the country's name; the page on fees has the words that customers use as its title."),
    Fix("dates", MARA, date(2026, 10, 1), date(2026, 10, 7), date(2026, 10, 7), (date(2026, 11, 9),),
        remedy="The description of create_claim says that dates are written as YYYY-MM-DD."),
    Fix("person", MARA, date(2026, 10, 12), date(2026, 10, 30)),
    Fix("unit", JONAS, date(2026, 11, 2), date(2026, 11, 12), date(2026, 11, 12), (date(2026, 11, 16),),
        remedy="The tool takes the amount with its unit, and refuses one without."),
    Fix("pickup", MARA, date(2026, 11, 9), date(2026, 11, 20)),
)  # fmt: skip
"""In every state: verified, came back, not fixed, watched, late and open."""

MEETINGS = (
    Meeting(date(2026, 11, 2), "Weekly triage, week 44 (demo)", ("unit", "loop", "lab"), ("dispute",), 24),
    Meeting(date(2026, 11, 9), "Weekly triage, week 45 (demo)", ("pickup", "refund", "move", "silence"), ("vaccine",), 31),
)  # fmt: skip

LABELLED = {"mortgage": (PRIYA, date(2026, 10, 19)), "blocked": (PRIYA, date(2026, 10, 20))}
"""Faults that were labelled and have no ticket yet: by whom, and when."""

DISPUTED = ("refund", "address", "dispute", "silence")
"""The faults that the blind round draws from."""

SECOND_OPINIONS = {"refund": "prompt-gap", "address": "incomplete", "dispute": "said-not-done", "silence": "tool-fault"}
"""What one of the raters calls each of them where the raters don't agree."""

MUTED = ("insurance", date(2027, 2, 1))
"""A fault that nobody wants to see, and until when."""
