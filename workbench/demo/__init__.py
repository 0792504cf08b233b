"""The generator of the demo's logs, and the language that they are written in."""
