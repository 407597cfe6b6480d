"""The measurements: what is promised about speed, for scn and for what one would take instead."""
