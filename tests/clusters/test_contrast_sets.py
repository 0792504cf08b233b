"""What parts a cluster's failures from the same requests that worked."""

from workbench.clusters.contrast_sets import Behaviour, Discriminator, behaviours, discriminators
from workbench.failures.action_trace import ActionTrace, Step


def calls(*steps: Step, reads: tuple[str, ...] = (), task: str | None = None) -> ActionTrace:
    return ActionTrace(steps, tuple((name, 1) for name in reads), task=task)


def test_a_trace_shares_calls_looks_documents_and_values_that_are_no_numbers_of_a_case() -> None:
    trace = ActionTrace(
        (Step("claim", '{"id":"A1","kind":"damage","n":2,"on":"03/11/2026"}', "failed"),),
        (("get_claim", 2),),
        ("fees",),
    )
    assert behaviours(trace) == {
        Behaviour("failed", "claim"),
        Behaviour("argument", "claim", "kind", '"damage"'),
        Behaviour("argument", "claim", "n", "2"),
        Behaviour("written", "claim", "on", "#/#/#"),
        Behaviour("called", "get_claim"),
        Behaviour("found", "fees"),
    }


def test_a_change_that_failures_make_and_successes_do_not_parts_them() -> None:
    failures = [calls(Step("cancel", '{"id":"A"}'))] * 15 + [calls()] * 3
    worked = [calls(Step("cancel", '{"id":"A"}'))] * 2 + [calls()] * 28
    assert discriminators(failures, worked) == [Discriminator(Behaviour("executed", "cancel"), 15, 18, 2, 30)]
    assert discriminators(failures, worked)[0].behaviour.text == "carries out cancel"


def test_a_value_parts_them_where_both_make_the_call() -> None:
    failures = [calls(Step("set_limit", '{"unit":"euro"}'))] * 12
    worked = [calls(Step("set_limit", '{"unit":"cents"}'))] * 12
    assert [each.behaviour.text for each in discriminators(failures, worked)] == [
        'set_limit: unit "euro"',
        'set_limit: unit "cents"',
    ]


def test_a_value_of_one_task_only_tells_whose_case_it_was() -> None:
    failures = [calls(Step("book", '{"to":"Rome"}'), task="7")] * 12
    worked = [calls(Step("book", '{"to":"Oslo"}'), task="8")] * 12
    assert discriminators(failures, worked) == []


def test_what_chance_could_make_is_left_out_and_so_are_one_or_two() -> None:
    cancelled, kept = calls(Step("cancel", "{}")), calls()
    assert discriminators([cancelled, kept, kept, kept], [kept] * 5) == []
    assert discriminators([cancelled, cancelled], [kept] * 50) == []
