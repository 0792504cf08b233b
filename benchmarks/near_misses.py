"""Conversations that are nearly what a new signal looks for, and are fine: `tiers.negatives` counts how many fire all the same.

Made by hand, in the words of other trades than the shared logs (a clinic, a bank, a shop, a library), before they were run once:
then 9 of the 44 fired. Six of these were mended (the id was named in other spacing, the record by its own id, "once I have
cancelled", "can have three", "yup"), so these six tell nothing any more of how the next ones fare.
Those that compare a conversation with others are whole logs of one bot, of which the last conversation is the near miss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.tiers import judged
from tests.support.talk import bot, called, talk, user
from workbench.conversation import Conversation, Turn
from workbench.failures.analysis import Analysis, analyse
from workbench.failures.signals import BotNorms

_CARDS = '{"cards": [{"card_id": "K7712", "account": "DE4471"}, {"card_id": "K7713", "account": "DE9902"}]}'
_NORMS = BotNorms(
    conversations=100,
    has_tools=True,
    calls_tools=True,
    writes=True,
    confirms=True,
    named_arguments=frozenset({"block_card.card_id"}),
    sourced_arguments=frozenset({"block_card.card_id"}),
)


def near_misses() -> Iterator[tuple[str, list[Analysis]]]:
    """Of each near miss the signal that it is made for, and its analysis."""
    for code, conversations in _ALONE.items():
        for conversation in conversations:
            yield code, [analyse(conversation, _NORMS)]
    for code, logs in _AMONG_OTHERS.items():
        for log in logs:
            named = [replace(each, conversation_id=f"c{n}") for n, each in enumerate(log)]
            yield code, judged(named)[-1:]


def _ran(output: str) -> list[Turn]:
    return [Turn(0, "tool", output, name="terminal")]


def _block(card: str) -> list[Turn]:
    return called("block_card", f'{{"card_id": "{card}"}}', '{"status": "blocked"}')


def _booked(*calls: str, patient: str = "P1001", task: str | None = None) -> Conversation:
    """A clinic's bot: what it called, in order, for one patient."""
    turns = [called(name, f'{{"patient": "{patient}"}}', '{"status": "ok"}') for name in calls]
    return talk(
        user(f"I am {patient}. Please see to my appointment."),
        bot("Shall I?"),
        user("Yes, please."),
        *turns,
        bot("That is done."),
        user("Thank you, that was all."),
        metadata={} if task is None else {"task_id": task},
    )


_ALONE: dict[str, Sequence[Conversation]] = {
    "other-entity": [
        talk(user("Block the card of account DE9902."), called("list_cards", "{}", _CARDS), _block("K7713")),
        talk(user("Block both, of DE9902 and of DE4471."), called("list_cards", "{}", _CARDS), _block("K7712")),
        talk(user("Block K7712. My salary goes to DE9902."), called("list_cards", "{}", _CARDS), _block("K7712")),
        talk(user("I lost my card, it begins with K77."), called("list_cards", "{}", _CARDS), _block("K7712")),
    ],
    "claim-without-call": [
        talk(user("Is my card blocked?"), bot("Your card has been blocked by the issuer, not by us.")),
        talk(user("Block K7712, yes."), _block("K7712"), bot("I have now updated your file.")),
        talk(user("What can you do?"), bot("Once I have cancelled a booking, the money takes five days.")),
        talk(user("Did you move it?"), bot("I have not changed anything yet.")),
    ],
    "last-check-failed": [
        talk(user("No picture."), bot("Run it."), called("run_test", "{}", "Test passed: 0 errors", by="user")),
        talk(user("No picture."), called("run_test", "{}", "Test failed", by="user"), bot("Restart it, then it works.")),
        talk(
            user("No picture."),
            bot("Run it."),
            called("run_test", "{}", "Test failed: no signal", by="user"),
            bot("Plug it in, and again."),
            called("run_test", "{}", "Test passed", by="user"),
        ),
        talk(user("No picture."), bot("Look."), called("show_log", "{}", "3 failures were repaired", by="user")),
    ],
    "failed-run": [
        talk(user("Count."), bot("count()"), _ran("exitcode: 0 (execution succeeded)\nCode output: failed: 0"), bot("0.")),
        talk(user("Count."), bot("count()"), _ran("12 rows; the column 'error' is empty"), bot("12.")),
        talk(user("Why?"), bot("A traceback (most recent call last) names the line that failed."), user("Thanks.")),
    ],
    "wrong-figure": [
        talk(user("When?"), bot("On Tuesday, or on 24 May 2024, whichever suits you.")),
        talk(user("How much?"), bot("$19.99 + $5 = $24.99, and 3 × 1/3 = 1.")),
        talk(user("When?"), bot("Monday to Friday, from June 3, 2024 on.")),
        talk(user("How much?"), bot("2 + 2 tickets = 4, at 10 + 5 % = 10.50 each.")),
    ],
    "wrong-count": [
        talk(user("Loans?"), called("get_loans", "{}", '{"loans": ["a", "b"]}'), bot("You have two loans; I found five offers.")),
        talk(user("Loans?"), called("get_loans", "{}", '{"loans": []}'), bot("You can have three loans at most.")),
        talk(
            user("Loans?"),
            called("get_loans", '{"branch": 1}', '{"loans": ["a"]}'),
            called("get_loans", '{"branch": 2}', '{"loans": ["b", "c"]}'),
            bot("In all you have three loans."),
        ),
    ],
    "unconfirmed-write": [
        talk(user("Block card K7712."), bot("Shall I block K7712?"), user("Please go ahead."), _block("K7712")),
        talk(user("Block card K7712."), bot("Shall I?"), user("Sí, por favor."), _block("K7712")),
        talk(user("Block card K7712."), bot("Shall I?"), user("Do it"), _block("K7712")),
        talk(user("Block card K7712."), bot("Shall I block it?"), user("yup"), _block("K7712")),
    ],
    "unnamed-entity": [
        talk(user("Block K7712, yes."), called("list_cards", "{}", _CARDS), _block("K7712")),
        talk(user("Block my card."), called("list_cards", "{}", _CARDS), bot("K7712?"), user("Yes."), _block("K7712")),
        talk(user("Block k7712, yes."), called("list_cards", "{}", _CARDS), _block("K7712")),
        talk(user("Block K 7712, yes."), called("list_cards", "{}", _CARDS), _block("K7712")),
    ],
    "unsourced-argument": [
        talk(user("Block K7712, yes."), _block("K7712")),
        talk(user("Block my card, yes."), called("list_cards", "{}", _CARDS), _block("K7713")),
        talk(user("Block K-7712, yes."), _block("K7712")),
    ],
}  # fmt: skip

_USUAL = [_booked("get_patient", "book_slot", "send_letter") for _ in range(12)]
_THREE = [_booked("book_slot", task="t1") for _ in range(2)]
_AMONG_OTHERS: dict[str, Sequence[Sequence[Conversation]]] = {
    "unlike-other-runs": [
        [*_THREE, _booked("get_patient", "get_patient", "book_slot", task="t1")],
        [*_THREE, _booked("book_slot", "book_slot", task="t1")],
        [*_THREE, _booked("cancel_slot", task="t2")],
        [*_THREE, _booked("book_slot", "send_letter", task="t1")],
    ],
    "skipped-step": [
        [*_USUAL, _booked("get_patient", "cancel_slot")],
        [*_USUAL[:4], _booked("book_slot")],
        [*_USUAL[:8], *(_booked("book_slot") for _ in range(3))],
        [*_USUAL, _booked("find_patient", "book_slot")],
    ],
    "unusual-order": [
        [*_USUAL, _booked("get_patient", "book_slot", "book_slot", "send_letter")],
        [*_USUAL, _booked("send_letter", "get_patient")],
        [*_USUAL, _booked("get_patient", "move_slot", "book_slot", "send_letter")],
        [*_USUAL, _booked("get_patient", "send_letter", "book_slot", "send_letter")],
    ],
}
