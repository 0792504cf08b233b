"""Who said a cause, bots as an inventory, prompts as texts, reading shared out, codes by which laptops vote."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("labels", sa.Column("decided_by", sa.Text))
    op.add_column("labels", sa.Column("decided_at", sa.DateTime))
    op.add_column("bots", sa.Column("on_call", sa.Text))
    op.add_column("bots", sa.Column("provider", sa.Text))
    for name, empty in (("sla", "{}"), ("models", "[]"), ("prompts", "[]")):
        op.add_column("bots", sa.Column(name, sa.JSON, nullable=False, server_default=empty))
    op.create_table(
        "prompts",
        sa.Column("bot", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "reservations",
        sa.Column("queue", sa.Text, primary_key=True),
        sa.Column("conversation", sa.Text, primary_key=True),
        sa.Column("reader", sa.Text, primary_key=True),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "session_codes",
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
    )
