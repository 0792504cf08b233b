"""What the store was built from: its imports with what each log lacks and what was rejected, and its snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import streamlit as st

from workbench.bench import wording
from workbench.errors import WorkbenchError
from workbench.failures.gaps import blind_signals
from workbench.logs.gaps import complete, lacks
from workbench.logs.manifest import Manifest
from workbench.logs.values.records import Reject
from workbench.pipeline.snapshots import SNAPSHOTS_KEPT, rollback, snapshot_names
from workbench.store import Store
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.logs.import_form import start
from workbench.ui.shared.session import person, require_triager, store
from workbench.ui.shared.tables import ROW_HEIGHT, downloads, pick
from workbench.ui.shared.text import error, note

REJECTS_SHOWN = 1_000
SHORT_HASH = 12
_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn


@dataclass(frozen=True)
class ImportRow:
    """One import as its export writes it."""

    import_id: str
    """Like I000001."""
    created_at: str
    """ISO text in UTC."""
    actor: str
    """Who imported."""
    format: str
    """As recognised."""
    files: list[str]
    """Their names."""
    sha256: list[str]
    """Their hashes, in the same order."""
    rows_read: int
    """Rows in the files."""
    rows_kept: int
    """Rows that were understood."""
    rows_rejected: int
    """Rows in the reject table."""
    rows_duplicate: int
    """Rows that were there before."""
    conversations: int
    """How many conversations."""
    turns: int
    """How many turns."""

    @classmethod
    def of(cls, manifest: Manifest) -> ImportRow:
        """An import as its manifest has it."""
        own = {each.name: getattr(manifest, each.name) for each in fields(cls) if each.name != "sha256"}
        files = {
            "files": [file["name"] for file in manifest.files],
            "sha256": [file["sha256"] for file in manifest.files],
        }
        return cls(**own | files)


# --- imports --------------------------------------------------------------------------------------------------------


def import_table(imports: Sequence[Manifest], version: str) -> Manifest | None:
    """The imports; the one that was picked."""
    shown = [
        {
            "Import": manifest.import_id,
            "When (UTC)": _moment(manifest.created_at),
            "By": visible(manifest.actor),
            "Files": visible(_named(manifest)),
            "Format": manifest.format,
            "Rows read": manifest.rows_read,
            "Kept": manifest.rows_kept,
            "Rejected": manifest.rows_rejected,
            "Already there": manifest.rows_duplicate,
            "Conversations": manifest.conversations,
            "Turns": manifest.turns,
        }
        for manifest in imports
    ]
    config = {
        "Import": _text(width=75),
        "When (UTC)": st.column_config.DatetimeColumn(width=130, format="D MMM YYYY, HH:mm"),
        "By": _text(width=80),
        "Files": _text(width=330),
        "Format": _text(width=70),
        "Rows read": _number(format="localized", help="Rows read = kept + rejected + already there."),
        "Already there": _number(
            format="localized", help="The same conversation with the same content, here or in an earlier import."
        ),
        **{name: _number(format="localized") for name in ("Kept", "Rejected", "Conversations", "Turns")},
    }
    picked = pick("imports", shown, config, version, tallest=8)
    downloads("imports", lambda: [ImportRow.of(manifest) for manifest in imports], "imports")
    return None if picked is None else imports[picked]


def understood(manifest: Manifest) -> None:
    """What was understood of an import: each file, how it was recognised, what was refused and worth noting."""
    st.dataframe(
        [
            {
                "File": visible(file["name"]),
                "Read as": file["format"],
                "Because": visible(file["why"]),
                "Rows": file["rows"],
                "Size": _size(file["bytes"]),
                "SHA-256": file["sha256"][:SHORT_HASH],
            }
            for file in manifest.files
        ],
        hide_index=True,
        column_config={
            "Because": _text(width=330),
            "Rows": _number(width=80, format="localized"),
            "Size": _text(width=80),
        },
        alt="Files of this import",
    )
    options = {name: value for name, value in manifest.options.items() if value not in (None, "auto")}
    if options:
        note("Read with " + ", ".join(f"{name} {value}" for name, value in options.items()) + ".")
    for refused in manifest.refused:
        st.text(
            visible(f"Refused {refused['file']}: {refused['reason']}"),
            width="stretch",
        )
    for line in manifest.notes:
        st.text(visible(line), width="stretch")


def hashes(manifest: Manifest) -> None:
    """The whole fingerprint of each file, to compare with `sha256sum`."""
    with st.popover("Full SHA-256", key="hashes"):
        st.code("\n".join(f"{file['sha256']}  {visible(file['name'])}" for file in manifest.files))


def gap_list(shares: Mapping[str, float], roles: Sequence[str], among: str = "this import's new conversations") -> None:
    """What this log lacks, and which signals and pages can't see because of it; `shares` are of the conversations `among`."""
    with st.container(border=True, key="gaps"):
        for lack in lacks(shares, roles):
            title, share, blind = st.columns([2, 2, 10], gap="small")
            title.text(lack.gap.title)
            share.badge(
                f"missing in {formatting.percent(lack.share)}",
                color="orange" if lack.share == 1 else "gray",
                help=f"Share of {among} that have none.",
            )
            blind.text(lack.blind, width="stretch")
            if blind_codes := blind_signals(lack):
                blind.caption("Can't fire there: " + ", ".join(wording.signal_titles(blind_codes)) + ".")
        if whole := complete(shares):
            st.caption("Every conversation has: " + ", ".join(name.lower() for name in whole) + ".")


# --- rejects --------------------------------------------------------------------------------------------------------


def reject_table(rows: Sequence[Reject], import_id: str) -> None:
    """Rejected rows with where and why, and all of them to download."""
    reject_rows(rows[:REJECTS_SHOWN])
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads("rejects", lambda: rows, f"rejected-{import_id}")
        if len(rows) > REJECTS_SHOWN:
            st.caption(f"The first {REJECTS_SHOWN:,} of {len(rows):,} are shown; the file holds all.")


def reject_rows(rows: Sequence[Reject]) -> None:
    """Rejected rows with where and why."""
    st.dataframe(
        [
            {
                "File": visible(row.file),
                "Row": row.row,
                "Column": visible(row.column or ""),
                "Reason": visible(row.reason),
                "Value": visible(row.value, 300),
                "Rows": row.rows,
            }
            for row in rows
        ],
        hide_index=True,
        height=ROW_HEIGHT * (min(len(rows), 8) + 1) + 2,
        row_height=ROW_HEIGHT,
        column_config={
            "File": _text(width=160),
            "Row": _number(width=60, help="Counted from 1, as a person counts."),
            "Column": _text(width=120),
            "Reason": _text(width=480),
            "Value": _text(width=380),
            "Rows": _number(width=60, help="Rows that were left out for this reason, e.g. all of a conversation's."),
        },
        alt="Rejected rows",
    )


# --- going back -----------------------------------------------------------------------------------------------------


def undo_import(manifest: Manifest) -> None:
    """Leave an import out, after a second look."""
    with st.popover("Undo this import", key="undo", disabled=not person()):
        st.text(
            f"A new snapshot is built without {manifest.import_id}: its {manifest.conversations:,} conversations leave "
            "the clusters, unless another import holds them too. Labels, tickets, owners and cluster ids stay, and count "
            "again if the logs come back."
        )
        if st.button("Build without it", key="undo_import", type="primary"):
            start(undo=manifest.import_id)


@dataclass(frozen=True)
class KeptSnapshot:
    """One kept snapshot."""

    name: str
    """Like S000001."""
    built_at: datetime
    """Naive UTC."""
    imports: list[str]
    """Those that it was built from."""
    serves: bool
    """Whether it serves now."""


def snapshots(here: Store) -> list[KeptSnapshot]:
    """The kept snapshots, the newest first."""
    serving = here.require_pointer().snapshot
    return [
        KeptSnapshot(
            name,
            datetime.fromtimestamp(here.snapshot_file(name).stat().st_mtime, UTC).replace(tzinfo=None),
            json.loads((here.snapshots / f"{name}.json").read_text("utf-8"))["parts"],
            name == serving,
        )
        for name in reversed(snapshot_names(here))
    ]


def snapshot_list(rows: Sequence[KeptSnapshot]) -> None:
    """What can serve: the evidence as it was after each of the last builds, one click away."""
    for row in rows:
        with st.container(border=True, key=f"snapshot_{row.name}", horizontal=True, vertical_alignment="center"):
            st.text(row.name, width=80)
            if row.serves:
                st.badge("serves now", color="green")
            st.caption(
                f"built {formatting.minute(row.built_at)} UTC from "
                + (plain(", ".join(row.imports)) if row.imports else "no import"),
                width="stretch",
            )
            if not row.serves:
                _rollback(row)
    st.caption(
        f"The last {SNAPSHOTS_KEPT} are kept. What people said is not part of a snapshot: it stays, whichever serves."
    )


def _rollback(row: KeptSnapshot) -> None:
    with st.popover("Roll back", key=f"ask_{row.name}", disabled=not person()):
        st.text(
            f"{row.name} serves again, at once. Later imports build on it; those that it lacks are left out until "
            "their snapshot serves again."
        )
        if st.button(f"Let {row.name} serve", key=f"rollback_{row.name}", type="primary"):
            try:
                rollback(store(), row.name, require_triager("roll back"))
            except WorkbenchError as e:
                error(e)
            else:
                st.toast(f"{row.name} serves now.")
                st.rerun()


def _named(manifest: Manifest) -> str:
    names = [file["name"] for file in manifest.files]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(UTC).replace(tzinfo=None)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
