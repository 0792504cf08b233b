"""A score from few labels, on made-up bots."""

import numpy as np
import pytest

from tests.support.made_up_bot import TRAIT, made_up_bot
from workbench.failures.facets import Facets
from workbench.failures.few_labels import SUM, Carried, call_directions, learned_from_few, pooled, shipped_prior
from workbench.failures.score_quality import auc


def test_what_other_bots_taught_helps_from_ten_labels_on() -> None:
    taught = pooled([made_up_bot(1), made_up_bot(2)])
    facets, labels = made_up_bot(3)
    rows = np.sort(np.concatenate([np.flatnonzero(labels)[:10], np.flatnonzero(~labels)[:10]]))
    alone, helped = (
        auc(labels, learned_from_few(facets, 200, rows, labels[rows], np.arange(20) % 4, known).decision)
        for known in ({}, taught)
    )
    assert taught[TRAIT] > 1
    assert helped > 0.8
    assert helped > alone - 0.01


def test_what_speaks_is_there_and_what_is_held_out_was_not_learned_from() -> None:
    facets = Facets.of([{"signal:empty-reply": 1.0, TRAIT: 9.0} if n % 2 else {TRAIT: 1.0} for n in range(40)])
    labels = np.arange(20) % 2 == 1
    taught = learned_from_few(facets, 40, np.arange(20), labels, np.arange(20) % 5, {"signal:empty-reply": 2.0})
    assert auc(labels, taught.held_out) == 1
    of_failing = taught.contributions.rows == 21
    assert "signal:empty-reply" in {taught.features[n] for n in taught.contributions.features[of_failing]}
    of_fine = taught.contributions.rows == 20
    assert {taught.features[n] for n in taught.contributions.features[of_fine]} == {TRAIT}


def test_lengths_are_beside_what_is_usual_for_the_bot_and_signals_add_up() -> None:
    facets = Facets.of([{TRAIT: 2.0, "signal:empty-reply": 1.0}, {TRAIT: 4.0}])
    carried = Carried.of(facets, 2)
    values = carried.values(facets, 2)
    columns = [carried.names.index(name) for name in (TRAIT, "signal:empty-reply", SUM)]
    assert values[:, columns].tolist() == [[-1, 0.5, 1], [1, -0.5, -1]]


def test_calls_of_a_kind_lie_together_and_a_bot_without_tools_has_no_directions() -> None:
    steps = [{f"step:tool {n % 2} {place}": 1.0 for place in range(6)} for n in range(20)]
    places = call_directions(Facets.of(steps), 20)
    np.testing.assert_allclose(places[0], places[2], atol=1e-6)
    assert places[0, 0] * places[1, 0] == pytest.approx(-1)
    assert call_directions(Facets.of([{TRAIT: 1.0}] * 5), 5).shape == (5, 0)


def test_what_ships_knows_that_answers_which_leave_their_documents_fail() -> None:
    assert shipped_prior()["trait:share of the answer that is in no document"] > 0.5
