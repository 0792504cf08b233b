"""Reading lists, verdicts, failure modes and blind rounds on screen."""
