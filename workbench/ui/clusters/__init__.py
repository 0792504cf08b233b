"""Parts of the cluster pages: strands, suspects, what worked, lineage, edits by hand, owner."""
