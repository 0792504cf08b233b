"""Tickets: their evidence, their text, the rule of a fix, verification, trackers, regression sets."""
