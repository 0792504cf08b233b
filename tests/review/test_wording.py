"""What a round found, said plainly also where the votes say little."""

from workbench.review.agreement import agreement
from workbench.review.wording import figure, reliable, same


def pairs(*said: tuple[str, str], times: int = 1) -> list[dict[str, str]]:
    """Votes of Ana and Bo."""
    return [{"Ana": ana, "Bo": bo} for ana, bo in said * times]


def test_one_alone_has_nothing_to_compare() -> None:
    alone = agreement([{"Ana": "loop"}])
    assert same(alone) == "Ana voted alone: no conversation has two votes, so there is nothing to compare."
    assert (reliable(alone), figure(alone.alpha)) == ("", "–")


def test_few_conversations_get_alpha_without_an_interval() -> None:
    few = agreement(pairs(("loop", "loop"), ("handoff", "loop"), ("handoff", "handoff")))
    assert same(few).endswith("All said the same on 2 (67 %, 95 % interval 21–94 %).")
    assert figure(few.alpha) == "0.44"
    assert reliable(few) == (
        "Alpha is 0.44; too few conversations for an interval (it takes 10), so read the disagreements instead."
    )


def test_nobody_disagreed_and_all_said_one_thing_are_told_apart() -> None:
    agreed = agreement(pairs(("loop", "loop"), ("handoff", "handoff"), times=10))
    assert same(agreed).endswith("Nobody disagreed (95 % interval of such agreement: 84–100 %).")
    assert reliable(agreed) == "Alpha is 1. There is no interval: resampling can't doubt what nobody disputed."
    one = agreement(pairs(("loop", "loop"), times=20))
    assert (
        reliable(one) == "Everybody gave the same answer: alpha can't tell agreement from a code that is always said."
    )


def test_what_alpha_means_follows_its_interval_not_its_value() -> None:
    sure = agreement(pairs(*[("loop", "loop"), ("handoff", "handoff")] * 40, ("loop", "handoff")))
    assert reliable(sure).startswith("Alpha is reliable (0.80 and more) even at the lower end")
    unsure = agreement(pairs(*[("loop", "loop"), ("handoff", "handoff")] * 6, ("loop", "handoff"), ("handoff", "loop")))
    assert reliable(unsure).startswith("Alpha is undecided: the interval holds both what is usable")
    low = agreement(pairs(*[("loop", "loop"), ("handoff", "handoff"), ("loop", "handoff")] * 20))
    assert reliable(low).startswith("Alpha is too low to count with (below 0.67)")
    assert reliable(low).endswith("The interval is of 2,000 resamples of the conversations.")
