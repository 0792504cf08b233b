"""Looking after a store: backup, restore, doctor."""
