"""What templates offer: recommendations and product segments (`domain.md` §5.3)."""
