"""`python -m bench.work MODULE FUNCTION JSON`: one function in a process of its own; what it returns goes to stdout as JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module

if __name__ == "__main__":
    module, function, arguments = sys.argv[1:]
    answer = getattr(import_module(f"bench.{module}"), function)(**json.loads(arguments))
    sys.stdout.write(f"\n{json.dumps(answer or {})}\n")
    sys.stdout.flush()
