"""The workbench for coding agents: tools over the bench, read-only, masked, on this machine (Model Context Protocol)."""
