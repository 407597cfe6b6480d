"""Text to checked program: pure, without clock, network, database or environment; never imports `interpreter`."""
