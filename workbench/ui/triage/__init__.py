"""The shared screen of a session, its agenda, its keys."""
