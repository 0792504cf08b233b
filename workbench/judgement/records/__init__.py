"""What judgement holds, as plain records, a module a subject; they load no SQLAlchemy.

Times are naive UTC. `version` is the sequence of the event that wrote a state. Every field that may come later has a
default, because an event of an older schema lacks it.
"""
