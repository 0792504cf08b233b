"""Events with their chain, labels, and the identity register."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

GENESIS = "0" * 64


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("ix_events_subject", "events", ["subject"])
    op.create_table(
        "payloads",
        sa.Column("sequence", sa.Integer, sa.ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )
    head = op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": GENESIS}])
    op.create_table(
        "registered",
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
    op.create_table(
        "lineage",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("cluster", sa.Text, sa.ForeignKey("registered.cluster"), nullable=False),
        sa.Column("relation", sa.Text, nullable=False),
        sa.Column("other", sa.Text),
        sa.Column("shared", sa.Integer, nullable=False),
    )
    op.create_index("ix_lineage_cluster", "lineage", ["cluster"])
    op.create_table(
        "recorded",
        sa.Column("snapshot", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, sa.ForeignKey("events.sequence"), nullable=False),
    )
    op.create_table(
        "labels",
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
        sa.Column("version", sa.Integer, nullable=False),
    )
