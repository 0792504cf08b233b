"""What is missing or empty never replaces what is known, whatever the order of the records."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.imported import Imported, import_paths
from tests.support.thoroughness import tries

MISSING = object()
BLANK = st.sampled_from([MISSING, None, "", " ", []])
KNOWN = {"outcome": "escalated", "user_id": "u", "model": "m", "channel": "web", "feedback_text": "Late."}
SAID = {"mlflow.spanInputs": '{"question": "Where is it?"}', "mlflow.spanOutputs": '"Here."'}


def imported(rows: list[dict[str, Any]]) -> Imported:
    logged = [{name: value for name, value in row.items() if value is not MISSING} for row in rows]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_text("\n".join(map(json.dumps, logged)))
        return import_paths(Path(folder), path)


@settings(max_examples=tries(60), deadline=None)
@given(st.data())
def test_a_column_of_a_conversation_is_what_the_one_row_says_that_has_it(data: st.DataObject) -> None:
    rows: list[dict[str, Any]] = [
        {"conversation_id": "c", "turn_index": n, "role": "user" if n % 2 else "assistant", "content": f"Word {n}."}
        for n in range(4)
    ]
    for name, value in KNOWN.items():
        place = data.draw(st.integers(0, 3))
        for number, row in enumerate(rows):
            row[name] = value if number == place else data.draw(BLANK)
    only = imported(data.draw(st.permutations(rows))).only
    assert {name: getattr(only, name) for name in KNOWN} == KNOWN


@settings(max_examples=tries(60), deadline=None)
@given(st.data())
def test_a_later_state_of_a_span_takes_nothing_away(data: st.DataObject) -> None:
    states = []
    places = {name: data.draw(st.integers(0, 1)) for name in SAID}
    for number in range(2):
        held = {name: value if places[name] == number else data.draw(BLANK) for name, value in SAID.items()}
        attributes = {name: value for name, value in held.items() if value is not MISSING}
        states.append(
            {"trace_id": "t", "span_id": "s", "start_time": f"2026-03-02T09:00:0{number}Z", "attributes": attributes}
        )
    only = imported(data.draw(st.permutations(states))).only
    assert [(turn.role, turn.content) for turn in only.turns] == [("user", "Where is it?"), ("assistant", "Here.")]
