"""Program x facts x now to decisions, and decisions to effects."""
