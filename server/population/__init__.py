"""Whole-network scoring: the measures of the score over tables of what everybody did, as relational expressions that any engine can run."""
