"""Judgement at a fixed time, and what another process writes into it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

NOON = datetime(2026, 3, 2, 12)


class Watch:
    """A clock that a test sets."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def run(url: str, statements: str) -> None:
    """Run SQL behind the back of the store."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements.split(";"):
            connection.execute(sa.text(statement))
    engine.dispose()
