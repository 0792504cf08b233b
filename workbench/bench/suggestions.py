"""Suggested root causes: what people said of the nearest failures, and a classifier learned from them once there are enough.

A suggestion never stands in for a person: only what nobody labelled gets one, and it counts once somebody accepts it.
Everything is per bot, since the signs of one bot mislead in another.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.vectors import Vectors
from workbench.judgement.effective_label import effective_label
from workbench.judgement.records.labels import Label

if TYPE_CHECKING:
    from workbench.evidence.queries import Evidence

NEAREST = 5
NEAR_ENOUGH = 0.6
"""Least cosine to a labelled failure for it to have a say."""
PER_CLUSTER = 5
"""Members that speak for a cluster's label, the most typical ones: else the largest cluster would outvote all others."""
ENOUGH = 30
"""Labels said by people from which on a classifier is learned."""
MOST_EXAMPLES = 1_000
_AT_ONCE = 4_096
"""Failures that are compared with the labelled ones at once, so that many of both don't fill the memory."""


@dataclass(frozen=True)
class Failures:
    """All failures of a snapshot, side by side: the nth value of each list is of the nth failure."""

    keys: list[str]
    """The conversations."""
    bots: list[str]
    """Their bots."""
    clusters: list[str | None]
    """Their clusters; None where one is in none."""
    similarity: list[float]
    """The cosine to the cluster's centroid; 0 without one."""
    vectors: Vectors
    """What they are compared by, of unit length, (n, d)."""


@dataclass(frozen=True)
class Suggestion:
    """A cause that is suggested, and what speaks for it."""

    cause: str
    """A code of the taxonomy."""
    votes: int
    """Nearest labelled failures that have it; for a cluster, members for which it is suggested; from the classifier, its probability in percent."""
    of: int
    """How many were asked: labelled failures, unlabelled members of the cluster, or 100."""
    by: str
    """nearest or classifier."""


@dataclass(frozen=True)
class SuggestionScore:
    """How well suggestions for a bot meet what people said, cross-validated: balanced accuracies, 0 to 1.

    A label is predicted from the others, and the members that speak for one cluster's label are held out together.
    """

    bot: str
    """The bot."""
    labels: int
    """How many conversations and clusters people gave a cause."""
    causes: int
    """How many different causes they gave."""
    classifier: float
    """The balanced accuracy of the classifier."""
    nearest: float
    """That of the nearest labelled failures."""
    chance: float
    """That of always saying the commonest cause."""
    used: str
    """The way that suggests: classifier, nearest, or neither where no way is clearly better than chance."""


@dataclass(frozen=True)
class Suggestions:
    """Suggested causes, and how far to trust them."""

    conversations: dict[str, Suggestion] = field(default_factory=dict)
    """By the key of a conversation."""
    clusters: dict[str, Suggestion] = field(default_factory=dict)
    """By the id of a cluster."""
    scores: dict[str, SuggestionScore] = field(default_factory=dict)
    """By bot; only bots with enough labels to tell."""


@dataclass(frozen=True)
class _Examples:
    """Labelled failures of one bot: rows, their causes, and the label that each has it from; how many `targets` were labelled."""

    rows: NDArray[np.intp]
    causes: NDArray[np.str_]
    groups: NDArray[np.str_]
    targets: int


class Suggester:
    """Suggestions that are worked out anew only when the snapshot or a label changes. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._warming = False
        self._failures: tuple[object, Failures] | None = None
        self._latest: tuple[object, frozenset[tuple[str, str, int]], Suggestions] | None = None

    def now(self, evidence: Evidence, labels: Mapping[tuple[str, str], Label]) -> Suggestions:
        """What is suggested in this snapshot, given these labels."""
        if not any(label.cause for label in labels.values()):
            return Suggestions()
        if len(labels) >= ENOUGH // 2 and not self._warming:
            # Its import takes seconds: it shall be there by the time that labels are enough.
            self._warming = True
            threading.Thread(target=_model, daemon=True).start()
        labelled = frozenset((*target, label.version) for target, label in labels.items())
        with self._lock:
            if self._failures is None or self._failures[0] is not evidence:
                rows, vectors = evidence.failure_vectors()
                keys, bots = [row.key for row in rows], [row.bot for row in rows]
                clusters, similarity = [row.cluster for row in rows], [row.similarity for row in rows]
                self._failures = (evidence, Failures(keys, bots, clusters, similarity, vectors))
            if self._latest is None or self._latest[0] is not evidence or self._latest[1] != labelled:
                self._latest = (evidence, labelled, suggest(self._failures[1], labels))
            return self._latest[2]


def suggest(failures: Failures, labels: Mapping[tuple[str, str], Label]) -> Suggestions:
    """Suggest causes for all failures and clusters that nobody gave a cause or a disposition."""
    suggestions = Suggestions()
    by_bot: dict[str, list[int]] = {}
    for row, bot in enumerate(failures.bots):
        by_bot.setdefault(bot, []).append(row)
    for bot, rows in by_bot.items():
        examples = _examples(failures, rows, labels)
        open_rows = [row for row in rows if not _labelled(failures, row, labels)]
        if not len(examples.rows) or not open_rows:
            continue
        score = _score(bot, failures.vectors, examples) if examples.targets >= ENOUGH else None
        by_row: dict[int, Suggestion] = {}
        if score is not None:
            suggestions.scores[bot] = score
        if score is not None and score.used == "neither":
            continue
        if score is not None and score.used == "classifier":
            by_row = _by_classifier(failures.vectors, np.asarray(open_rows), examples)
        else:
            by_row = _by_nearest(failures.vectors, np.asarray(open_rows), examples)
        suggestions.conversations.update({failures.keys[row]: suggestion for row, suggestion in by_row.items()})
        suggestions.clusters.update(_of_clusters(failures, open_rows, by_row, labels))
    return suggestions


def _labelled(failures: Failures, row: int, labels: Mapping[tuple[str, str], Label]) -> bool:
    """Whether a person said what it is, of the failure itself or of its cluster."""
    label = effective_label(labels, failures.keys[row], failures.clusters[row])
    return label is not None and label.decides


def _examples(failures: Failures, rows: Sequence[int], labels: Mapping[tuple[str, str], Label]) -> _Examples:
    """What people said: of failures themselves, and of clusters through their most typical members; the newest labels first."""
    labelled: list[tuple[Any, int, str, str]] = []
    spoken: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: -failures.similarity[row]):
        label = effective_label(labels, failures.keys[row], failures.clusters[row])
        if label is None or not label.cause:
            continue
        if label.target_kind == "cluster":
            spoken[label.target] += 1
            if spoken[label.target] > PER_CLUSTER:
                continue
        labelled.append((label.at, row, label.cause, label.target))
    labelled = sorted(labelled, key=lambda example: example[:2], reverse=True)[:MOST_EXAMPLES]
    return _Examples(
        np.asarray([row for _, row, _, _ in labelled], np.intp),
        np.asarray([cause for _, _, cause, _ in labelled]),
        np.asarray([target for _, _, _, target in labelled]),
        len({target for *_, target in labelled}),
    )


def _by_nearest(vectors: Vectors, rows: NDArray[np.intp], examples: _Examples) -> dict[int, Suggestion]:
    """For each row the cause that more than half of its nearest labelled failures have."""
    votes = [
        vote
        for start in range(0, len(rows), _AT_ONCE)
        for vote in _votes(vectors[rows[start : start + _AT_ONCE]] @ vectors[examples.rows].T, examples.causes)
    ]
    return {
        int(row): Suggestion(cause, count, of, "nearest")
        for row, (cause, count, of) in zip(rows, votes, strict=True)
        if 2 * count > of
    }


def _votes(cosines: Vectors, causes: NDArray[np.str_]) -> list[tuple[str, int, int]]:
    """Of each row of cosines to the examples: the nearest ones' commonest cause, its votes, and how many voted."""
    left, every = cosines.copy(), np.arange(len(cosines))
    order = np.empty((len(cosines), min(NEAREST, cosines.shape[1])), np.intp)
    for nth in range(order.shape[1]):  # a few maxima cost far less than sorting; of equals the first, as when sorted
        order[:, nth] = left.argmax(1)
        left[every, order[:, nth]] = -np.inf
    near = np.take_along_axis(cosines, order, 1) >= NEAR_ENOUGH
    votes = []
    for places, close in zip(order, near, strict=True):
        cause, count = next(iter(Counter(causes[places[close]].tolist()).most_common(1)), ("", 0))
        votes.append((cause, count, int(close.sum())))
    return votes


def _by_classifier(vectors: Vectors, rows: NDArray[np.intp], examples: _Examples) -> dict[int, Suggestion]:
    """For each row the cause that the classifier holds for likelier than all others together; votes are out of 100."""
    model = _model().fit(vectors[examples.rows], examples.causes)
    shares = model.predict_proba(vectors[rows])
    return {
        int(row): Suggestion(str(model.classes_[share.argmax()]), round(100 * share.max()), 100, "classifier")
        for row, share in zip(rows, shares, strict=True)
        if share.max() > 0.5
    }


def _of_clusters(
    failures: Failures,
    rows: Sequence[int],
    by_row: Mapping[int, Suggestion],
    labels: Mapping[tuple[str, str], Label],
) -> dict[str, Suggestion]:
    """For each unlabelled cluster the cause that is suggested for more than half of its unlabelled members."""
    members: dict[str, list[int]] = {}
    for row in rows:
        cluster = failures.clusters[row]
        label = labels.get(("cluster", cluster or ""))
        if cluster and not (label and label.decides):
            members.setdefault(cluster, []).append(row)
    of_clusters = {}
    for cluster, of in members.items():
        suggested = [by_row[row] for row in of if row in by_row]
        votes = Counter(suggestion.cause for suggestion in suggested).most_common(1)
        if votes and 2 * votes[0][1] > len(of):
            of_clusters[cluster] = Suggestion(*votes[0], len(of), suggested[0].by)
    return of_clusters


def _score(bot: str, vectors: Vectors, examples: _Examples) -> SuggestionScore | None:
    """Both ways cross-validated on what people said; None where there are too few causes or clusters to part them."""
    causes, groups, rows = examples.causes, examples.groups, vectors[examples.rows]
    folds = min(5, len(set(groups.tolist())))
    if len(set(causes.tolist())) < 2 or folds < 2:
        return None
    from sklearn.model_selection import GroupKFold

    learned = np.empty(len(rows), causes.dtype)
    for train, test in GroupKFold(folds, shuffle=True, random_state=0).split(rows, groups=groups):
        one_cause = len(set(causes[train].tolist())) == 1
        learned[test] = causes[train][0] if one_cause else _model().fit(rows[train], causes[train]).predict(rows[test])
    cosines = rows @ rows.T
    cosines[groups[:, None] == groups[None, :]] = -1
    nearest = np.asarray([cause for cause, _, _ in _votes(cosines, causes)])
    classifier, by_nearest = balanced_accuracy(causes, learned), balanced_accuracy(causes, nearest)
    chance = 1 / len(set(causes.tolist()))
    # Two standard errors of a share among as many labels: below that, better than chance may be chance.
    clearly = chance + 2 * (chance * (1 - chance) / examples.targets) ** 0.5
    better = "classifier" if classifier > by_nearest else "nearest"
    used = better if max(classifier, by_nearest) > clearly else "neither"
    return SuggestionScore(bot, examples.targets, len(set(causes.tolist())), classifier, by_nearest, chance, used)


def balanced_accuracy(causes: NDArray[np.str_], guessed: NDArray[np.str_]) -> float:
    """The share guessed right of each cause, averaged over the causes, so that a common one counts no more than a rare one."""
    return float(np.mean([(guessed[causes == cause] == cause).mean() for cause in set(causes.tolist())]))


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=10.0, class_weight="balanced", max_iter=500)
