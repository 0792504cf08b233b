"""What was done to mend a ticket, in words, so that other bots with the same cause can learn of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("remedy", sa.Text, nullable=False, server_default=""))
