"""Turns of chit-chat bots (dbdc3) as the learned score sees them, for benchmarks/signals.py.

The unit is a reply of the bot's; its label is that 15 or more of 30 annotators call it a breakdown. Beside it stand what
the user said before and after. The whole dialogue may be looked at, as the workbench reads logs after the fact.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workbench.embedding.vectors import Encoder, Vectors
from workbench.failures.signals.language import content_words, find_phrase, spoken
from workbench.text.tokens import words

BROKEN_FROM = 15
SYSTEMS = ("IRIS_100", "TKTK_100")
_THIRD_PERSON = {"he", "she", "they", "him", "her", "them", "his", "their"}
_ASKS = {"what", "huh", "why", "who", "where", "how", "when"}
_PUZZLED = {"understand", "mean", "sense", "random", "weird", "confused", "talking", "subject", "question", "answer"}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reply:
    """A reply of the bot's with what was said around it; texts are empty where nobody spoke."""

    system: str
    dialogue: str
    position: int
    text: str
    asked: str
    answered: str
    broken: bool
    of_bot: list[str] = field(default_factory=list)
    of_user: list[str] = field(default_factory=list)


def replies(path: Path) -> list[Reply]:
    """Every annotated reply of the systems with enough breakdowns, dialogue by dialogue."""
    dialogues: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in pq.read_table(path).to_pylist():
        if row["system"] in SYSTEMS:
            dialogues[row["system"], row["dialogue_id"]].append(row)
    found = []
    for (system, dialogue), turns in dialogues.items():
        turns.sort(key=lambda turn: turn["turn_index"])
        for place, turn in enumerate(turns):
            if turn["speaker"] != "S" or not turn["n_O"] + turn["n_T"] + turn["n_X"]:
                continue
            of_bot = [one["utterance"] for one in turns[:place] if one["speaker"] == "S"]
            of_user = [one["utterance"] for one in turns[:place] if one["speaker"] == "U"]
            after = [one["utterance"] for one in turns[place + 1 :] if one["speaker"] == "U"]
            broken, asked, answered = turn["n_X"] >= BROKEN_FROM, (of_user or [""])[-1], (after or [""])[0]
            said = (turn["turn_index"], turn["utterance"], asked, answered)
            found.append(Reply(system, dialogue, *said, broken, of_bot, of_user))
    return found


def embedded(rows: Sequence[Reply], encoder: Encoder) -> dict[str, Vectors]:
    """A unit vector for each text said, zero for none."""
    texts = sorted({text for row in rows for text in (row.text, row.asked, row.answered, *row.of_bot, *row.of_user)})
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    return vectors | {"": np.zeros(encoder.dimension, np.float32)}


def contexts(rows: Sequence[Reply], vectors: dict[str, Vectors]) -> Floats:
    """The vectors of the reply, of what was said before it, and of the answer to it, side by side."""
    return np.array([np.hstack([vectors[row.text], vectors[row.asked], vectors[row.answered]]) for row in rows], float)


def traits(rows: Sequence[Reply], vectors: dict[str, Vectors]) -> Floats:
    """What can be told of a reply among its dialogue and its system, with the dialogue's means, each of spread 0.3."""
    rarity: Counter[str] = Counter(word for row in rows for word in set(words(row.text)))
    canned = Counter(row.text for row in rows)
    table = np.array([[*_alike(row, vectors), *_worded(row, rarity, canned)] for row in rows], float)
    table = 0.3 * (table - table.mean(0)) / (table.std(0) + 1e-9)
    _, dialogue = np.unique([row.dialogue for row in rows], return_inverse=True)
    means = np.array([table[dialogue == n].mean(0) for n in range(dialogue.max() + 1)])[dialogue]
    return np.hstack([table, means])


def _alike(row: Reply, vectors: dict[str, Vectors]) -> list[float]:
    """How alike the reply is to what stands around it, by cosine."""
    own, asked, answered = vectors[row.text], vectors[row.asked], vectors[row.answered]
    earlier = [float(own @ vectors[text]) for text in row.of_bot]
    before = [float(own @ vectors[text]) for text in row.of_user]
    again = max(earlier, default=0.0)
    said = [float(own @ asked), float(own @ answered), float(asked @ answered), *earlier[-1:]]
    return [*said, *[0.0] * (4 - len(said)), again, max(before, default=0.0), sum(before) / max(1, len(before))]


def _worded(row: Reply, rarity: Counter[str], canned: Counter[str]) -> list[float]:
    """Lengths, questions, names and people out of nowhere, and how the user takes it."""
    own, asked, answered = words(row.text), words(row.asked), words(row.answered)
    known = {word for text in [*row.of_bot, *row.of_user] for word in words(text)}
    telling = content_words(row.text)
    rare = [float(np.log1p(rarity[word])) for word in own]
    names = [word for word in row.text.split()[1:] if word[:1].isupper() and word.strip(".,!?'").lower() not in known]
    people = _THIRD_PERSON & set(own) and not _THIRD_PERSON & known
    return [
        *(float(np.log1p(len(each))) for each in (own, asked, answered)),
        *(float("?" in text) for text in (row.text, row.asked, row.answered)),
        *(float("!" in text) for text in (row.text, row.answered)),
        *(float(sign in row.text) for sign in ("...", "'")),
        *(float(bool(set(group[:1]) & _ASKS)) for group in (asked, answered)),
        *(float(bool(find_phrase(spoken(row.answered), name))) for name in ("correction", "complaint")),
        float(any(character.isdigit() for character in row.text)),
        float(own[:1] in (["yes"], ["no"])),
        float(bool({"you", "your"} & set(own))),
        float(bool({"i", "my", "me"} & set(own))),
        float(bool(_PUZZLED & set(answered))),
        float(bool(people)),
        float(len(names)),
        float(row.position),
        float(bool(row.answered)),
        float(np.log1p(canned[row.text])),
        float(np.mean(rare)) if rare else 0.0,
        min((float(np.log1p(rarity[word])) for word in telling), default=5.0),
        len(set(own) & set(asked)) / max(1, len(own)),
        sum(word not in known for word in telling) / max(1, len(telling)),
        float("?" in row.asked and "?" in row.text),
        float("?" in row.asked and not {"yes", "no", "i", "because", "my", "it"} & set(own)),
        float(sum(row.text.count(sign) for sign in ".?!")),
    ]


def interactions(contexts: Floats, traits: Floats) -> Floats:
    """Products: of the reply's vector with those around it, and of the traits in pairs, each of spread 0.03."""
    reply, asked, answered = np.split(contexts, 3, axis=1)
    own = traits[:, : traits.shape[1] // 2] / 0.3
    first, second = np.triu_indices(own.shape[1])
    pairs = own[:, first] * own[:, second]
    pairs = 0.03 * (pairs - pairs.mean(0)) / (pairs.std(0) + 1e-9)
    return np.hstack([10 * reply * asked, 10 * reply * answered, pairs])
