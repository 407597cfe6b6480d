"""The table `offers/category_match.csv`: with products of a category, so many of another one are recommended."""

from __future__ import annotations

import csv
from pathlib import Path

from interpreter.errors import UserError

FILE = "offers/category_match.csv"
_COLUMNS = ("category", "recommend", "count")

#: Category -> how many products of which categories.
Matches = dict[str, tuple[tuple[str, int], ...]]


def read(root: Path) -> Matches | None:
    """The table of a project, in its own order; None: there is none. Raises UserError: file, line, what is wrong."""
    path = root / FILE
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = "it is not UTF-8" if isinstance(problem, UnicodeDecodeError) else (problem.strerror or str(problem)).lower()
        raise UserError(f"cannot read {FILE}: {why}", "save it as UTF-8, as any spreadsheet can") from problem
    found: dict[str, dict[str, int]] = {}
    lines = csv.reader(text.splitlines())
    try:
        head = tuple(cell.strip() for cell in next(lines, []))
        if head != _COLUMNS:
            raise UserError(f"{FILE}:1: expected the columns `{','.join(_COLUMNS)}`, found `{','.join(head)}`")
        for row in lines:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != len(_COLUMNS) or not all(cells[:2]):
                raise UserError(
                    f"{FILE}:{lines.line_num}: expected a category, a category to recommend and a count, found `{','.join(row)}`"
                )
            if not (cells[2].isascii() and cells[2].isdigit() and 1 <= int(cells[2]) <= 20):
                raise UserError(f"{FILE}:{lines.line_num}: expected `count` to be a number from 1 to 20, found `{cells[2]}`")
            found.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    except csv.Error as problem:
        raise UserError(f"{FILE}:{lines.line_num}: this cannot be read as CSV: {problem}") from problem
    return {category: tuple(pairs.items()) for category, pairs in found.items()}
