"""From parts to the next snapshot: a job, a child process, stages, the switch."""
