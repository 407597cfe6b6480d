"""The library in `scenarios/`: without findings, formatted, tested; every scenario of issue and source is there with its letters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dsl import catalog

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "scenarios"

#: domain.md §7, and where it went.
CATALOGUE = {
    "C01": "payment_reminder",
    "C02": "review_after_shipping",
    "C03": "next_order",
    "C04": "abandoned_session",
    "C05": "order_placed",
    "C06": "replenish",
    "C07": "nps_survey",
    "C08": "back_in_stock",
    "C09": "price_drop",
    "C10": "running_out",
    "C11": "viewed_back_in_stock",
    "C12": "viewed_price_drop",
    "C13": "welcome",
    "C14": "flash_call",
    "C15": "email_confirmed",
    "C16": "comeback",
    "C17": "points_available",
    "C18": "points_burning",
    "C19": "review_request",
    "C20": "repeat_order",
}


def test_validate_finds_nothing(scn) -> None:
    answer = scn("validate", LIBRARY, "--deny", "warnings")
    assert (answer.code, answer.out) == (0, "")


def test_it_is_formatted(scn) -> None:
    assert scn("fmt", "--check", LIBRARY).code == 0


def test_its_tests_pass(scn) -> None:
    answer = scn("test", LIBRARY, "--format", "json")
    assert answer.code == 0, answer.out
    assert answer.err == ""


@pytest.mark.parametrize(("number", "name"), CATALOGUE.items())
def test_the_catalogue_is_there(number: str, name: str) -> None:
    text = (LIBRARY / f"{name}.scn").read_text()
    assert text.startswith(f"# {number} of the domain")
    assert f"\nscenario {name} " in text
    assert text.count("\ntest ") >= 4


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.scn")), ids=lambda path: path.name)
def test_every_scenario_has_tests_beside_it(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    assert not re.search(r"^scenario ", text, re.MULTILINE) or re.search(r"^test ", text, re.MULTILINE)


@pytest.mark.parametrize(
    "folder", sorted(path for path in (LIBRARY / "templates").iterdir() if path.name[0] != "_"), ids=lambda path: path.name
)
def test_every_letter_has_its_text_and_is_sent_by_somebody(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert "meta.toml" in names
    assert len(names) > 1
    assert ("email.html" in names) == ("email.txt" in names)
    assert any(re.search(rf"\bsend {folder.name}\b", path.read_text()) for path in LIBRARY.glob("*.scn"))


def test_the_index_tells_of_each_scenario_and_names_facts_that_there_are() -> None:
    text = (LIBRARY / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(\w+)`\]\((\w+)\.scn\)(?: (C\d\d))? \|([^|]+)\|([^|]+)\|([^|]+)\|$", text, re.MULTILINE)
    assert all(name == file for name, file, *_ in rows)
    found = {name for path in LIBRARY.glob("*.scn") for name in re.findall(r"^scenario (\w+)", path.read_text(), re.MULTILINE)}
    assert {row[0] for row in rows} == found
    assert {number: name for name, _, number, *_ in rows if number} == CATALOGUE
    named = {word for row in rows for word in re.findall(r"`(\w+\.\w+)`", row[4])}
    assert named <= catalog.OPERATIONS.keys()


def test_every_clause_is_gone_through(scn) -> None:
    answer = scn("test", LIBRARY, "--format", "json", "--coverage")
    gaps = {name: [gap["what"] for gap in found] for name, found in json.loads(answer.out)["coverage"].items() if found}
    assert gaps == {}
