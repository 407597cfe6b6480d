"""What one would take instead: one file for each, with the same work in it. Every function here runs in a process of its own.

`ready(folder, count)`: people are known, in a table beside the queue. `take_in(folder, facts, count)`: W1.
`many(folder, count)`: tasks wait for days. `make_due(folder, due)`: so many of them, evenly spread, are due now.
`handle_due(folder, count)`: W2 and W4. `FILE_look.py` has `look(folder)` for W3 and imports no more than it must.
"""
