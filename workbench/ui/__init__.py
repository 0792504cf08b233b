"""What pages draw with: the session's bench, safe text, and the parts that several pages share."""
