"""The shapes of personal data and secrets in folded text, a kind a module: each gives the spans of what it finds, in their order."""
