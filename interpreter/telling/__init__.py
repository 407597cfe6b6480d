"""Things put into words for people: the glossary, a scenario retold, steps, a simulation."""
