"""Sentences about clusters."""

from tests.support.cluster_rows import row
from workbench.bench.cluster_rows import Extra
from workbench.bench.wording import what_it_costs


def test_what_a_cluster_costs_names_only_differences_that_the_interval_supports() -> None:
    costly = row(
        "FC-0001", 9, users=1, last_week=3,
        extra_turns=Extra(2.0, 1.4, 2.5, 28), extra_minutes=Extra(0.1, -0.2, 0.4, 28), extra_handovers=Extra(-0.06, -0.12, -0.01, 28),
    )  # fmt: skip
    assert what_it_costs(costly) == (
        "1 user; 3 in the last complete week; +2.0 turns against the same requests that worked (+1.4 … +2.5); "
        "−6.0 hand-overs in 100 against the same requests that worked (−12.0 … −1.0)."
    )
    assert what_it_costs(row("FC-0002", 9)) == ""
