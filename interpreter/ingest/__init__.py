"""Ways in: what people and programs hand over becomes facts (`events.md` §2.2)."""
