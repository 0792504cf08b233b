"""Which conversations failed, how, and where to look: pure functions over one conversation."""
