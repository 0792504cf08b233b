"""Figures over time: the week, health, drift, scorecards, bots."""
