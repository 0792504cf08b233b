"""Alembic's entry: migrates the connection that the program hands over, inside the transaction that is open on it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
