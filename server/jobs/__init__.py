"""Background work through huey, embedded in the one process by default."""
