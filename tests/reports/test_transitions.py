"""The transition matrix of a bot, and what changed in it between releases."""

from collections import Counter
from pathlib import Path

from tests.support.health_logs import MONDAY, build, talk
from workbench.bench.filter import Filter
from workbench.reports.share import Share
from workbench.reports.transitions import Cell, compared, conversations_of, matrix

CALL = [{"id": "1", "name": "track", "arguments": "{}"}]
LOST = [
    {"role": "user", "content": "Where is it?"},
    {"role": "assistant", "content": None, "tool_calls": CALL},
    {"role": "tool", "content": '{"status": "late"}', "tool_call_id": "1"},
    {"role": "assistant", "content": "It is lost."},
]


def test_failures_are_counted_by_the_states_between_which_they_tipped_over(tmp_path: Path) -> None:
    rows = [talk(f"fine{n}", MONDAY, reward=1.0) for n in range(6)]
    rows += [talk("no", MONDAY, reward=0.0), *(talk(f"lost{n}", MONDAY, reward=0.0, messages=LOST) for n in range(2))]
    bench = build(tmp_path, rows)
    shop = Filter(bot=("shop",))

    tipped = matrix(bench, shop)
    assert tipped.cells == [Cell("track", "reply", Share(2, 9)), Cell("request", "reply", Share(1, 9))]
    assert (tipped.rows, tipped.columns) == (["track", "request"], ["reply"])
    assert sorted(row.conversation_id for row in conversations_of(bench, shop, tipped.cells[0])) == ["lost0", "lost1"]


def test_a_cell_has_changed_only_beyond_chance_among_all_cells() -> None:
    here = Counter({("request", "reply"): 30, ("track", "track"): 6, ("track", "reply"): 5})
    before = Counter({("request", "reply"): 8, ("track", "track"): 2, ("track", "hand-over"): 12})
    cells = compared(here, 200, before, 200)
    assert [(cell.last_good, cell.first_failing, cell.here.hits, cell.change) for cell in cells] == [
        ("request", "reply", 30, "more"),
        ("track", "track", 6, ""),
        ("track", "reply", 5, ""),
        ("track", "hand-over", 0, "less"),
    ]
