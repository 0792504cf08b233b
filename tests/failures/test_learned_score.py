"""When a score is learned, from what, and whether it or the length orders; on made-up bots."""

import numpy as np
import pytest

from tests.support.made_up_bot import made_up_bot
from workbench.embedding.vectors import unit_rows
from workbench.failures.facets import Facets
from workbench.failures.learned_score import Examples, Learned, learn
from workbench.failures.score_quality import auc


def learned_from(labelled: int, facets: Facets, labels: np.ndarray, turns: np.ndarray) -> Learned:
    """The score of a bot of whose conversations so many of either sort are labelled."""
    rows = {int(row) for side in (True, False) for row in np.flatnonzero(labels == side)[:labelled]}
    told = [bool(label) if n in rows else None for n, label in enumerate(labels)]
    examples = Examples([f"task {n}" for n in range(len(labels))], told, turns, facets)
    return learn("bot", examples, unit_rows(np.ones((len(labels), 4), np.float32)))


def test_what_was_learned_from_few_labels_orders_where_it_leads_the_length() -> None:
    facets, labels = made_up_bot(5, 80)
    learned = learned_from(12, facets, labels, np.full(80, 4))
    assert (learned.few, learned.by_length, learned.failing, learned.fine) == (True, False, 12, 12)
    assert learned.lead is not None
    assert learned.lead.low <= learned.lead.value <= learned.lead.high
    assert auc(labels, learned.scores) > 0.75
    assert learned.contributions is not None


@pytest.mark.parametrize(("labelled", "few"), [(12, True), (60, False)])
def test_where_it_is_no_better_than_the_length_the_length_orders_and_nothing_speaks(labelled: int, few: bool) -> None:
    facets, labels = made_up_bot(5, 200, sign=0)
    turns = 4 + 10 * labels
    learned = learned_from(labelled, facets, labels, turns)
    assert (learned.few, learned.by_length, learned.contributions) == (few, True, None)
    assert learned.length_auc == 1
    assert auc(labels, learned.scores) == 1


def test_below_ten_of_either_sort_nothing_is_learned() -> None:
    facets, labels = made_up_bot(5, 200)
    learned = learned_from(9, facets, labels, np.full(200, 4))
    assert (learned.on, learned.failing, learned.fine) == (False, 9, 9)
