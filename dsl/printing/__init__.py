"""How nodes are spelt and laid out; `dsl/printer.py` and `dsl/formatter.py` are the doors to it."""

from __future__ import annotations
