"""Where a build's work is done: in its own process, or spread over a Ray cluster by the very same functions."""
