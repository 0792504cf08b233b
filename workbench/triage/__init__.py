"""The weekly session of a pod: agenda, clock, decisions, minutes."""
