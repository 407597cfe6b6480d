"""What conditions are made of: dotted names, values, comparisons, questions about the past."""
