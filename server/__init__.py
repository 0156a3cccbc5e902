"""Rapport's service: gathers an account's public posts, scores them, explains the score, remembers."""

from __future__ import annotations

__version__ = "0.1.0"
