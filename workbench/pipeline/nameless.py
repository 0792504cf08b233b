"""Cases as a snapshot keeps them: without the names of the people whom their conversations tell of.

What is embedded, clustered and counted has them; what stands in rows is read on lists, where no conversation is at hand to say
whose names it holds. Of conversations that nothing speaks against the names are not known here: `mask` takes those that are introduced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.conversation.masked import name_hiding
from workbench.evidence.columns import arrow_table
from workbench.pipeline.judged_records import JudgedRecord, records
from workbench.pipeline.stored_cases import StoredCases

_SMALL = re.compile(r"(?<![\w@.-])[a-zà-öø-ÿ]{2,}(?![\w@]|[._-]\w)")


def nameless(cases: Mapping[str, StoredCases]) -> dict[str, StoredCases]:
    """The cases by bot, in the same order, with [name] where their texts name somebody.

    A word that the bot itself writes small in any reply (“card”, of an id like credit_card_12) is nobody's name.
    """
    return {bot: _of_bot(of_bot) for bot, of_bot in cases.items()}


def _of_bot(cases: StoredCases) -> StoredCases:
    naming = pc.list_value_length(cases.table["people"]).to_numpy() > 0
    if not naming.any():
        return cases
    replies = cases.table["reply"].take(pa.array(np.flatnonzero(cases.listed)))
    small = {word for reply in replies.to_pylist() for word in _SMALL.findall(reply)}
    rows = records(cases.table.take(pa.array(np.flatnonzero(naming))))
    return cases.with_renewed(arrow_table(JudgedRecord, [_without_names(row, small) for row in rows]))


def _without_names(row: JudgedRecord, small: set[str]) -> JudgedRecord:
    hide = name_hiding([word for word in row.people if word not in small])
    return replace(
        row,
        reply=hide(row.reply),
        verdict=hide(row.verdict),
        request=hide(row.request),
        passage=hide(row.passage),
        facts=tuple(map(hide, row.facts)),
        candidate_reasons=tuple(map(hide, row.candidate_reasons)),
        evidence=tuple(map(hide, row.evidence)),
    )
