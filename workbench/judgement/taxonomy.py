"""The taxonomy: root causes, dispositions and severities, and the words that explain them.

One primary cause a failure, the first upstream one; contributing causes are optional. A disposition is no cause: it
says why there is nothing to fix here. A pod may add, reword, merge and retire root causes (`causes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from workbench.errors import UserError
from workbench.text.masking import mask


@dataclass(frozen=True)
class Cause:
    """A root cause."""

    code: str
    """What labels keep."""
    title: str
    """What people see."""
    meaning: str
    """What it means, in a sentence."""
    discipline: str
    """Whose work it usually is."""
    hint: str
    """What in the log suggests it."""
    examples: tuple[str, ...] = ()
    """Examples, in the pod's words."""
    retired: bool = False
    """Whether it is offered no more; what was labelled with it stays readable."""
    merged_into: str | None = None
    """The code that its labels follow to."""


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

DISPOSITION_TITLES: dict[str, str] = {
    "not-a-bug": "Not a bug",
    "judged-wrong": "Judged wrong",
    "out-of-scope": "Out of scope",
    "duplicate": "Duplicate",
    "needs-info": "Can't tell",
}
"""What people read in the place of a disposition's code."""

SEVERITIES: dict[str, str] = {
    "S1": "acted wrongly on the world",
    "S2": "misinformed",
    "S3": "left unserved",
    "S4": "friction",
}


@dataclass(frozen=True)
class CauseRow:
    """One line of the taxonomy, on its page and in its download: a root cause, and how often it is said."""

    code: str
    """What labels keep."""
    title: str
    """What people see."""
    meaning: str
    """What it means, in a sentence."""
    discipline: str
    """Whose work it usually is."""
    hint: str
    """What in the log suggests it."""
    examples: tuple[str, ...]
    """Examples, in the pod's words."""
    state: str
    """offered, retired or merged."""
    merged_into: str | None
    """The code that its labels follow to."""
    clusters: int = 0
    """Labels of clusters with it as the primary cause."""
    conversations: int = 0
    """Labels of conversations with it as the primary cause."""
    contributing: int = 0
    """Labels with it as a contributing cause."""
    tickets: int = 0
    """Tickets with it."""
    version: int = 0
    """What a person saw of it; 0 for a default as it came."""

    def masked(self) -> CauseRow:
        """As it leaves the workbench: its words are people's own, and may quote a log."""
        return replace(
            self,
            title=mask(self.title),
            meaning=mask(self.meaning),
            discipline=mask(self.discipline),
            hint=mask(self.hint),
            examples=tuple(map(mask, self.examples)),
        )


@dataclass(frozen=True)
class Taxonomy:
    """The root causes that a pod works with, by code: the defaults, with what the pod added or changed."""

    causes: Mapping[str, Cause]
    """By code, the retired ones too: the defaults in their order, then those that the pod added."""

    def code(self, text: str, *standing: str | None) -> str:
        """The code that `text` names, whatever its case; that of a merged cause is the one it was merged into.

        `standing` are codes that may stay though they are retired, since they are said already. Raises `UserError`
        with the nearest and all codes otherwise.
        """
        code = self.current(text.strip().lower())
        if code in standing:
            return code
        if code in self.causes and self.causes[code].retired:
            raise UserError(f"The root cause {code!r} is retired. Choose one of: {', '.join(self.offered())}.")
        return _checked_code(code, self.offered(), "root cause")

    def current(self, code: str) -> str:
        """The code that stands for `code` now: the last of those that it was merged into, else itself."""
        passed = [code]
        while (cause := self.causes.get(passed[-1])) and cause.merged_into and cause.merged_into not in passed:
            passed.append(cause.merged_into)
        return passed[-1]

    def offered(self, *standing: str | None) -> dict[str, Cause]:
        """The causes to choose from, in their order; with those retired ones that stand on what is being edited."""
        return {code: cause for code, cause in self.causes.items() if not cause.retired or code in standing}

    def title(self, code: str | None) -> str:
        """What a code is called on screen; a code that is not known (any more) is its own title, nothing is empty."""
        cause = self.causes.get(code or "")
        return cause.title if cause else code or ""

    def choice(self, code: str) -> str:
        """A cause as a list offers it: its title and what it means."""
        cause = self.causes[code]
        return f"{cause.title}{' (retired)' if cause.retired else ''}{f': {cause.meaning}' if cause.meaning else ''}"


def disposition_choice(code: str) -> str:
    """What a list offers for a disposition, like "Not a bug: the bot did what it should"."""
    return f"{DISPOSITION_TITLES[code]}: {DISPOSITIONS[code]}"


def disposition_code(text: str) -> str:
    """The disposition that `text` names, whatever its case; `UserError` otherwise."""
    return _checked_code(text.strip().lower(), DISPOSITIONS, "disposition")


def severity_code(text: str) -> str:
    """The severity that `text` names, whatever its case; `UserError` otherwise."""
    return _checked_code(text.strip().upper(), SEVERITIES, "severity")


def _checked_code(code: str, codes: Iterable[str], what: str) -> str:
    offered = list(codes)
    if code in offered:
        return code
    nearest = get_close_matches(code, offered, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise UserError(f"{code!r} is no {what}.{hint} There are: {', '.join(offered)}.")
