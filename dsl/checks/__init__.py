"""One file for each check: its docstring is its page, `SEVERITY` its weight, `check(project)` yields what it finds.

`ESSENTIAL = True`: what it finds keeps the scenario from running, so it cannot be ignored. Files whose name starts with `_` are helpers.
"""
