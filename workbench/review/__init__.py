"""What people read and how far they agree: reading lists, verdicts, failure modes, blind rounds."""
