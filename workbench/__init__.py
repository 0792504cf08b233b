"""Triage workbench: from logged conversations to failure clusters, root causes and fix tickets."""

__version__ = "0.1.0"
