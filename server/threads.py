"""The threads on which the server answers."""

from __future__ import annotations

ORDINARY_THREADS = 4
"""Answer requests that end at once: more than these would only wait for one another's turn to compute."""
MOST_STREAMS = 4
"""Answers that last, each of which holds a thread of its own, so that the others are always free for ordinary requests.

A browser opens at most six connections to a service for all of its pages together: with four of them taken by open pages, two are left.
A thread begins when it is first needed, ends after half a minute without work, and waits nearly all of a stream's time.
"""
