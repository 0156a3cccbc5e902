"""What is remembered: accounts, their activity, their reports over time, and who opted out."""
