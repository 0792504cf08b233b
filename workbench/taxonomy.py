"""The default taxonomy: root causes, dispositions and severities, and the words that explain them.

One primary cause a failure, the first upstream one; contributing causes are optional. A disposition is no cause: it
says why there is nothing to fix here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from workbench.errors import UserError


@dataclass(frozen=True)
class Cause:
    """A root cause. `discipline` says whose work it usually is, `hint` what in the log suggests it."""

    code: str
    title: str
    meaning: str
    discipline: str
    hint: str


_CAUSES = (
    Cause(
        "policy-not-followed",
        "Policy not followed",
        "the rule existed and was broken, or over-applied",
        "prompt / agent",
        "a write that similar successes refuse, a refusal that they grant",
    ),
    Cause(
        "prompt-gap",
        "Prompt gap",
        "an instruction is missing, or two conflict",
        "prompt",
        "begins with a prompt version",
    ),
    Cause(
        "knowledge-gap",
        "Knowledge gap",
        "the content does not exist",
        "content",
        "empty or weak retrieval over many phrasings and versions",
    ),
    Cause(
        "retrieval-miss",
        "Retrieval miss",
        "it exists and was not found",
        "retrieval",
        "low top score, wrong document",
    ),
    Cause(
        "ungrounded-answer",
        "Ungrounded answer",
        "evidence was there, the answer left it",
        "prompt / retrieval",
        "numbers or links absent from the documents, no citation",
    ),
    Cause(
        "wrong-tool-call",
        "Wrong tool call",
        "wrong tool, or wrong arguments",
        "tools",
        "400/422, retries with other arguments, a tool skipped that successes call",
    ),
    Cause(
        "tool-fault",
        "Tool fault",
        "the tool or integration failed",
        "integration",
        "errors, 401/403/429/5xx, timeouts",
    ),
    Cause(
        "tool-result-ignored",
        "Tool result ignored",
        "the result was ignored or invented",
        "agent",
        "an error or empty result, then a claim of success",
    ),
    Cause(
        "said-not-done",
        "Said, not done",
        "announced or claimed an action that was not taken",
        "agent",
        "a claim of doing, with no such call",
    ),
    Cause(
        "incomplete",
        "Incomplete",
        "steps or a second request left undone",
        "agent",
        "similar successes go on",
    ),
    Cause(
        "repeated-action",
        "Repeated action",
        "a successful write done again",
        "agent / integration",
        "the same write twice",
    ),
    Cause(
        "loop",
        "Loop",
        "no progress, no end",
        "agent",
        "the same call or reply three times, step limit",
    ),
    Cause(
        "context-loss",
        "Context loss",
        "forgot or mixed what was said",
        "platform",
        "asks again for what was given; “I already said”",
    ),
    Cause(
        "misread-intent",
        "Misread intent",
        "took the request for another",
        "conversation design",
        "rephrased question, “no, I meant”",
    ),
    Cause(
        "guardrail",
        "Guardrail",
        "blocked what it should not, or let through",
        "safety",
        "refusal text, content filter",
    ),
    Cause(
        "handoff",
        "Handoff",
        "no way to a human, or too early",
        "customer care",
        "repeated requests for a person, transfer at turn one, abandonment",
    ),
    Cause(
        "model-change",
        "Model change",
        "the model or its settings changed",
        "platform",
        "begins with a model version, prompt unchanged",
    ),
    Cause(
        "bad-format",
        "Bad format",
        "unusable output",
        "application",
        "parse failure, finish reason length, empty reply",
    ),
)

CAUSES: dict[str, Cause] = {cause.code: cause for cause in _CAUSES}

DISPOSITIONS: dict[str, str] = {
    "not-a-bug": "the bot did what it should",
    "judged-wrong": "the log's own outcome is wrong",
    "out-of-scope": "the bot was never meant to do this",
    "duplicate": "another cluster or ticket already covers it",
    "needs-info": "the log does not say enough to decide",
}

SEVERITIES: dict[str, str] = {
    "S1": "acted wrongly on the world",
    "S2": "misinformed",
    "S3": "left unserved",
    "S4": "friction",
}


def cause_code(text: str) -> str:
    """The code that `text` names, whatever its case; `UserError` with the nearest and all codes otherwise."""
    return _known(text.strip().lower(), CAUSES, "root cause")


def disposition_code(text: str) -> str:
    """The disposition that `text` names, whatever its case; `UserError` otherwise."""
    return _known(text.strip().lower(), DISPOSITIONS, "disposition")


def severity_code(text: str) -> str:
    """The severity that `text` names, whatever its case; `UserError` otherwise."""
    return _known(text.strip().upper(), SEVERITIES, "severity")


def _known(code: str, codes: Iterable[str], what: str) -> str:
    known = list(codes)
    if code in known:
        return code
    nearest = get_close_matches(code, known, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise UserError(f"{code!r} is no {what}.{hint} There are: {', '.join(known)}.")
