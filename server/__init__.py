"""Rapport's service: gathers an account's public posts, scores them, explains the score, remembers."""
