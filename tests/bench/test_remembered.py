"""What was worked out is remembered until evidence or judgement changes."""

from workbench.bench.remembered import MOST, Remembered


def test_a_result_is_worked_out_once_a_version() -> None:
    remembered, worked = Remembered(), list[str]()

    def ask(version: str, name: str) -> None:
        remembered.get(version, name, lambda: worked.append(f"{version} {name}"))

    for version, name in (("1", "a"), ("1", "b"), ("1", "a"), ("2", "a"), ("2", "a")):
        ask(version, name)
    assert worked == ["1 a", "1 b", "2 a"]


def test_what_changed_while_it_was_worked_out_is_not_kept_for_the_new_version() -> None:
    remembered = Remembered()

    def slow() -> str:
        remembered.get("2", "other", lambda: "other")
        return "old"

    assert remembered.get("1", "a", slow) == "old"
    assert remembered.get("2", "a", lambda: "new") == "new"


def test_of_many_results_those_asked_for_longest_ago_go() -> None:
    remembered = Remembered()
    for number in range(MOST + 1):
        remembered.get("1", number, lambda: "first")
    assert remembered.get("1", 0, lambda: "again") == "again"
    assert remembered.get("1", MOST, lambda: "again") == "first"
