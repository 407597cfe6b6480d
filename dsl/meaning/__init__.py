"""What names and expressions mean at their place, and the ways through a scenario."""
