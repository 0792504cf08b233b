"""Asking a judge: conversations drawn at random, masked, one after another within a budget, none of them twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.bench.bench import Bench
from workbench.conversation import Conversation
from workbench.errors import UserError
from workbench.review.judge_answers import Answer, Answers, Judge, digest, parsed
from workbench.review.judge_client import Endpoint
from workbench.review.sampling import sample
from workbench.text.fencing import UNTRUSTED, fenced_log
from workbench.text.token_budget import token_count, whole_words

PROMPT = Path(__file__).parent / "judge_prompt.md"
"""The prompt that is used where a pod has no own."""
SEED = 20_240_229
"""Draws the order in which conversations are judged: always the same one, so that any budget is a random sample."""
LONGEST_TURN = 3_000
"""Characters of one turn, call or result that are sent."""
LONGEST = 12_000
"""Tokens of one conversation that are sent; of more, its beginning and its end."""


@dataclass(frozen=True)
class Run:
    """What became of one run."""

    judge: str
    """The judge's name."""
    asked: int
    """Conversations that were judged in this run."""
    kept: int
    """Those that it had judged before: nothing was sent for them."""
    left: int
    """Those that the budget left."""
    failed: int
    """Of all that it has judged, those that it says failed."""
    unsure: int
    """Those that it is unsure of."""
    unreadable: int
    """Unsure ones whose answer was not of the form that was asked for."""
    tokens: int
    """Tokens of this run, counted by the endpoint or else by us."""


def run_judge(
    bench: Bench,
    endpoint: Endpoint,
    *,
    prompt: str,
    bot: str = "",
    budget: int = 100,
    token_budget: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Run:
    """Judge `budget` conversations of a bot (empty: of all), drawn at random, until `token_budget` is used up.

    What this judge (model and prompt) answered before counts within the budget and is not asked again, so a run that was
    stopped goes on where it was. Raises `UserError` where the endpoint refuses; what was answered until then is kept.
    """
    bench.judgement.pod.require_role(bench.actor)
    judge = Judge(endpoint.model, prompt)
    answers = Answers(bench.store, judge)
    flags = bench.evidence.flags(bot)
    if not flags:
        raise UserError(
            f"There is no conversation of the bot {bot!r} here." if bot else "There is no conversation here."
        )
    wanted = sample(flags, budget, SEED)
    before = answers.all()
    current: list[Answer] = []
    asked = kept = tokens = 0
    for place, key in enumerate(wanted):
        progress(place, len(wanted))
        conversation = bench.to_replay(key)
        text = transcript(conversation)
        text_digest = digest(text)
        if (earlier := before.get((key, text_digest))) is not None:
            kept += 1
            current.append(earlier)
            continue
        expected = token_count(prompt) + token_count(text)
        if token_budget is not None and tokens + expected > token_budget:
            break
        reply = endpoint.ask(prompt, text)
        answer = parsed(key, text_digest, reply.text, len(conversation.turns), reply.tokens)
        answers.add(answer)
        current.append(answer)
        tokens += reply.tokens if reply.tokens is not None else expected + token_count(reply.text)
        asked += 1
    return Run(
        judge.name,
        asked,
        kept,
        len(wanted) - asked - kept,
        sum(answer.verdict == "failed" for answer in current),
        sum(answer.verdict == "unsure" for answer in current),
        sum(not answer.readable for answer in current),
        tokens,
    )


def read_prompt(file: Path | None) -> str:
    """The prompt in a pod's own file, or ours; `UserError` where it can't be read or says nothing."""
    try:
        prompt = (file or PROMPT).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(f"The prompt {file} can't be read ({e}). Name a text file in UTF-8.") from e
    if not prompt:
        raise UserError(f"The prompt {file} is empty. Say in it what a failure is, and the form of the answer.")
    return prompt


def transcript(conversation: Conversation) -> str:
    """A masked conversation as a judge reads it, between marks: turns under their numbers, calls and documents, nothing of its outcome."""
    lines = [line for part in _parts(conversation) for line in part]
    while token_count("\n".join(lines)) > LONGEST and len(lines) > 2:
        middle = len(lines) // 2
        cut = max(1, len(lines) // 20)
        lines = [*lines[: middle - cut], "[…]", *(line for line in lines[middle + cut :] if line != "[…]")]
    return f"{UNTRUSTED}\n\n{fenced_log(chr(10).join(lines))}"


def _parts(conversation: Conversation) -> Iterator[list[str]]:
    if conversation.retrieved:
        yield [
            "documents that the bot was given:",
            *(_shortened(row.text or row.title or "") for row in conversation.retrieved),
        ]
    for turn in conversation.turns:
        speaker = " ".join(part for part in (turn.role, turn.name) if part)
        part = [f"[{turn.position}] {speaker}: {_shortened(turn.content)}"]
        part += [f"    document: {_shortened(row.text or row.title or '')}" for row in turn.retrieved]
        part += [f"    calls {call.name} {_shortened(call.arguments)}" for call in turn.tool_calls]
        part += [f"    error: {_shortened(turn.error)}"] if turn.error else []
        yield part


def _shortened(text: str) -> str:
    return whole_words(" ".join(text.split()), LONGEST_TURN).text
