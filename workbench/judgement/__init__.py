"""What people said, kept for good, every change an event. The only package that imports SQLAlchemy; its records need none."""
