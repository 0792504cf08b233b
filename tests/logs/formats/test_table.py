"""*table* and CSV: columns guessed by their names, and told; dividers and encodings found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.imported import Imported, import_paths, write
from workbench.errors import UserError

EXCHANGE = [("user", "Où est le colis?"), ("assistant", "À Paris; demain.")]


def imported(folder: Path, text: str, encoding: str = "utf-8", name: str = "log.csv", **options: Path) -> Imported:
    (folder / name).write_bytes(text.encode(encoding))
    return import_paths(folder, folder / name, **options)


def words(log: Imported) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in log.only.turns]


@pytest.mark.parametrize(("divider", "sign"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize(
    ("encoding", "called"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_divider_and_encoding_are_found_and_told(
    tmp_path: Path, divider: str, sign: str, encoding: str, called: str
) -> None:
    rows = [("conversation_id", "role", "content", "timestamp")]
    rows += [("c", role, f'"{text}"', f"2026-03-02T09:00:0{n}Z") for n, (role, text) in enumerate(EXCHANGE)]
    log = imported(tmp_path, "\r\n".join(map(divider.join, rows)) + "\r\n", encoding)
    assert (words(log), log.manifest.format) == (EXCHANGE, "turns")
    assert log.manifest.notes == [f"{tmp_path / 'log.csv'}: read as CSV with {sign} between its cells, in {called}."]


@pytest.mark.parametrize(
    "head", ["Session ID,Sender,Message,Created At", "chatId,from,text,date", "thread,author,body,time"]
)
def test_a_row_a_message_is_known_by_usual_names(tmp_path: Path, head: str) -> None:
    rows = [f'c,{role},"{text}",2026-03-02T09:00:0{n}Z' for n, (role, text) in enumerate(EXCHANGE)]
    log = imported(tmp_path, "\n".join([head, *rows]))
    assert (words(log), log.manifest.format) == (EXCHANGE, "table")
    assert "columns were guessed by their names: conversation_id from" in log.manifest.notes[1]


@pytest.mark.parametrize("head", ["question,answer", "Prompt,Response", "user_input,bot_response", "query,reply"])
@pytest.mark.parametrize("named", [True, False])
def test_a_row_an_exchange_is_a_question_and_its_answer(tmp_path: Path, head: str, named: bool) -> None:
    lead = ("session_id,", "c,") if named else ("", "")
    log = imported(tmp_path, f'{lead[0]}{head}\n{lead[1]}"{EXCHANGE[0][1]}","{EXCHANGE[1][1]}"\n')
    assert (words(log), log.ids) == (EXCHANGE, ["c" if named else "log.csv:1"])


def test_exchanges_of_one_session_stand_in_the_order_of_their_times_or_of_the_file(tmp_path: Path) -> None:
    log = imported(tmp_path, "session,question,answer\nc,Q1,A1\nc,Q2,A2\n")
    assert [text for _, text in words(log)] == ["Q1", "A1", "Q2", "A2"]
    log = imported(tmp_path, "session,question,answer,date\nc,Q2,A2,2026-03-02\nc,Q1,A1,2026-03-01\n", name="b.csv")
    assert [text for _, text in words(log)] == ["Q1", "A1", "Q2", "A2"]


def test_an_answer_that_is_empty_is_an_empty_reply(tmp_path: Path) -> None:
    log = import_paths(
        tmp_path,
        write(
            tmp_path / "log.jsonl",
            [{"session": "c", "question": "Q", "answer": None}, {"session": "d", "question": "Q", "answer": "A"}],
        ),
    )
    assert [[turn.content for turn in each.turns] for each in log.conversations] == [["Q", ""], ["Q", "A"]]


def test_csv_goes_by_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'layout = "turns"\n[columns]\nconversation_id = "nr"\nrole = "wer"\ncontent = "was"\nturn_index = "pos"\n[roles]\nKunde = "user"\n'
    )
    log = imported(tmp_path, "nr;pos;wer;was\nc;1;assistant;B\nc;0;Kunde;A\n", mapping=tmp_path / "m.toml")
    assert words(log) == [("user", "A"), ("assistant", "B")]


def test_a_row_with_too_many_cells_is_rejected(tmp_path: Path) -> None:
    log = imported(tmp_path, "question,answer\nQ,A\nQ,A,B\n")
    assert (log.rows, [each.row for each in log.rejects]) == ((2, 1, 1, 0), [2])
    assert log.rejects[0].reason == "has 3 cells where the head names 2: is a cell with a divider not in quotes?"


def test_line_breaks_and_quotes_stay_in_a_cell(tmp_path: Path) -> None:
    log = imported(tmp_path, 'question,answer\n"a ""b""\nc",d\n')
    assert log.only.turns[0].content == 'a "b"\nc'


def test_a_table_that_is_like_none_is_refused_with_what_would_make_it_readable(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"it is like no log that is known here. Found: a, b. It can be read where each row has an id"
    ):
        imported(tmp_path, "a,b\n1,2\n")


def test_the_parts_of_a_message_are_no_rows(tmp_path: Path) -> None:
    row = {"id": "m", "chatId": "c", "role": "user", "parts": [{"type": "text", "text": "Where is parcel 9?", "input": "", "output": ""}]}  # fmt: skip
    with pytest.raises(UserError, match="Found: id, chatId, role, parts"):
        import_paths(tmp_path, write(tmp_path / "messages.jsonl", [row]))
