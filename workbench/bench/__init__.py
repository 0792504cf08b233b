"""The one façade for pages and commands: evidence joined with judgement, masked."""
