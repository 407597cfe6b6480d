"""Two years of real orders, replayed in several ways and held against an independent reckoning."""
