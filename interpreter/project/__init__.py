"""The files of a project: its configuration, its texts, and what a change of them is answerable for."""
