"""From the parsed text to nodes, by part."""
