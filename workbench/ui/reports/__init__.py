"""The pages This week, Health, Signals and Bots."""
