"""The tables of the judgement store. The migrations make them; a test compares the two."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from workbench.errors import UserError

metadata = sa.MetaData()

events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

payloads = sa.Table(
    "payloads",
    metadata,
    sa.Column("sequence", sa.Integer, sa.ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    sa.Column("salt", sa.Text),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
)

chain_head = sa.Table(
    "chain_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

registered = sa.Table(
    "registered",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    sa.Column("bot", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("mechanical_key", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("members", sa.LargeBinary, nullable=False),
    sa.Column("centroid", sa.LargeBinary, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("last_snapshot", sa.Text, nullable=False),
)

lineage = sa.Table(
    "lineage",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("cluster", sa.Text, sa.ForeignKey("registered.cluster"), nullable=False, index=True),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("other", sa.Text),
    sa.Column("shared", sa.Integer, nullable=False),
)

recorded = sa.Table(
    "recorded",
    metadata,
    sa.Column("snapshot", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, sa.ForeignKey("events.sequence"), nullable=False),
)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("target_kind", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("cause", sa.Text),
    sa.Column("contributing", sa.JSON, nullable=False),
    sa.Column("disposition", sa.Text),
    sa.Column("severity", sa.Text),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("about", sa.JSON, nullable=False),
    sa.Column("inherited_from", sa.Text),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.DateTime),
    sa.Column("version", sa.Integer, nullable=False),
)


counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("ticket", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("severity", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("clusters", sa.JSON, nullable=False),
    sa.Column("tracker_key", sa.Text),
    sa.Column("tracker_state", sa.Text),
    sa.Column("fixed_release", sa.Text),
    sa.Column("fixed_date", sa.Date),
    sa.Column("fixed_at", sa.DateTime),
    sa.Column("remedy", sa.Text, nullable=False, server_default=""),
    sa.Column("eligible", sa.JSON(none_as_null=True)),
    sa.Column("verdict", sa.JSON(none_as_null=True)),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

bots = sa.Table(
    "bots",
    metadata,
    sa.Column("bot", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text),
    sa.Column("deputy", sa.Text),
    sa.Column("pod", sa.Text),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("tools", sa.JSON, nullable=False),
    sa.Column("on_call", sa.Text),
    sa.Column("provider", sa.Text),
    sa.Column("sla", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("models", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("prompts", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("version", sa.Integer, nullable=False),
)

mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

owners = sa.Table(
    "owners",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("agenda", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("closed_at", sa.DateTime),
    sa.Column("version", sa.Integer, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("severity", sa.Text),
    sa.Column("disposition", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("ticket", sa.Text),
    sa.Column("due", sa.Date),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("conversation", sa.Text, primary_key=True),
    sa.Column("reader", sa.Text, primary_key=True),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("failing_turn", sa.Integer),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("draw", sa.Text),
    sa.Column("about", sa.JSON, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

draws = sa.Table(
    "draws",
    metadata,
    sa.Column("draw", sa.Text, primary_key=True),
    sa.Column("scope", sa.JSON, nullable=False),
    sa.Column("population", sa.Integer, nullable=False),
    sa.Column("conversations", sa.JSON, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

modes = sa.Table(
    "modes",
    metadata,
    sa.Column("mode", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("cluster", sa.Text),
    sa.Column("merged_into", sa.Text),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

causes = sa.Table(
    "causes",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("meaning", sa.Text, nullable=False),
    sa.Column("discipline", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("examples", sa.JSON, nullable=False),
    sa.Column("retired", sa.Boolean, nullable=False),
    sa.Column("merged_into", sa.Text),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

rounds = sa.Table(
    "rounds",
    metadata,
    sa.Column("round", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("conversations", sa.JSON, nullable=False),
    sa.Column("raters", sa.JSON, nullable=False),
    sa.Column("scope", sa.JSON, nullable=False),
    sa.Column("codes", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("round", sa.Text, primary_key=True),
    sa.Column("conversation", sa.Text, primary_key=True),
    sa.Column("rater", sa.Text, primary_key=True),
    sa.Column("cause", sa.Text),
    sa.Column("disposition", sa.Text),
    sa.Column("severity", sa.Text),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

acts = sa.Table(
    "acts",
    metadata,
    sa.Column("act", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("cluster", sa.Text, nullable=False),
    sa.Column("into", sa.Text),
    sa.Column("members", sa.JSON, nullable=False),
    sa.Column("stays", sa.JSON, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

prompts = sa.Table(
    "prompts",
    metadata,
    sa.Column("bot", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

# Where a session's shared screen is. Not judgement: it has no events, so moving on does not empty every cache.
session_progress = sa.Table(
    "session_progress",
    metadata,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("elapsed", sa.Float, nullable=False),
)

# Who reads what of a shared list just now, and the codes by which laptops vote in a session: neither is judgement either.
reservations = sa.Table(
    "reservations",
    metadata,
    sa.Column("queue", sa.Text, primary_key=True),
    sa.Column("conversation", sa.Text, primary_key=True),
    sa.Column("reader", sa.Text, primary_key=True),
    sa.Column("until", sa.DateTime, nullable=False),
)

session_codes = sa.Table(
    "session_codes",
    metadata,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
)


_CLUSTER = re.compile(r"FC-(\d{4,})")


def register_row(cluster: str, members: Sequence[str]) -> dict[str, Any]:
    """The columns of the register that follow from a cluster's id and its members."""
    match = _CLUSTER.fullmatch(cluster)
    if match is None:
        raise UserError(f"{cluster!r} is no cluster id; they look like FC-0007.")
    return {"number": int(match[1]), "members": zlib.compress("\n".join(members).encode(), level=1)}
