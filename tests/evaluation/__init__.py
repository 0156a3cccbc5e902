"""How good the score and the verdict are, on judged pairs, real accounts and simulated ones. ``make evaluate DATA=…`` runs all of it."""
