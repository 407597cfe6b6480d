"""Zones, moments as text, schedules. `dsl/calendar.py` is the door."""
