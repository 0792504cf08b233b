"""Single values as logs spell them: times, roles, messages, records."""
