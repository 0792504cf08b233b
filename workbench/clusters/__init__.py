"""Failures that belong together: groups, names, lasting ids, strands, suspects, the same request that worked."""
