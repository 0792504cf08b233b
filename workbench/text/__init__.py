"""Text of any script and from anybody: words, phrases, masking, escaping, values in words. Knows no other package."""
