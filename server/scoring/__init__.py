"""From measures to a score with an interval, and from findings to a verdict. NumPy only."""
