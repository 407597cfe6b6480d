"""The phases of a tick: launch, facts, schedules, due journeys, what they write."""
