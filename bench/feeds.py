"""A nightly product feed: `python -m bench.feeds [PRODUCTS]`. Not among the workloads of `make bench`: nobody else does the same.

Four loads of a Yandex Market feed, each a process of its own: the first one, the same again, one product in a hundred with another price,
and one in a hundred gone. Beside time and memory: what the feed is read in without comparing anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import launch
from bench.launch import SCN

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE yml_catalog SYSTEM "shops.dtd">\n<yml_catalog date="2024-06-05 10:00">'
    "<shop><categories>"
    + "".join(f'<category id="{number}">Category {number}</category>' for number in range(100))
    + "</categories><offers>\n"
)
_TAIL = "</offers></shop></yml_catalog>\n"
_TEXT = "Хороший товар, очень. " * 10
_PARSE = "import sys; from interpreter.ingest import yml; print(sum(1 for _ in yml.offers(open(sys.argv[1], 'rb'), lambda _: None)))"


def offer(number: int, price: int) -> str:
    """One with all that a shop says: 800 bytes."""
    return (
        f'<offer id="p{number}" available="true"><url>https://shop.example/p/{number}</url><price>{price}</price>'
        f"<oldprice>{price + 100}</oldprice><currencyId>RUB</currencyId><categoryId>{number % 100}</categoryId>"
        f"<picture>https://shop.example/i/{number}.jpg</picture><name>Товар номер {number}</name><vendor>Фирма {number % 50}</vendor>"
        f'<description>{_TEXT}</description><param name="Цвет">красный</param><param name="Размер">{number % 50}</param></offer>\n'
    )


def write(path: Path, products: int, price: Callable[[int], int | None]) -> None:
    """A feed; `price`: of each product, None where it is not in it."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        file.writelines(offer(number, found) for number in range(products) if (found := price(number)) is not None)
        file.write(_TAIL)


def main(products: int) -> None:
    """Measures and prints."""
    with TemporaryDirectory(dir="/var/tmp") as place:
        folder = Path(place)
        (folder / "scn.toml").write_text('[project]\ntimezone = "Europe/Moscow"\n', encoding="utf-8")
        feed = folder / "feed.xml"
        loads: tuple[tuple[str, Callable[[int], int | None]], ...] = (
            ("the first load", lambda number: 100 + number % 900),
            ("the same again", lambda number: 100 + number % 900),
            ("1 % with another price", lambda number: 100 + number % 900 + (number % 100 == 7)),
            ("1 % gone", lambda number: None if number % 100 == 3 else 100 + number % 900 + (number % 100 == 7)),
        )
        for name, price in loads:
            write(feed, products, price)
            done = launch.run(SCN, "ingest", "feed.xml", "--format", "yml", "--report", "json", cwd=folder)
            counts = done.said["products"]
            told = f"{done.said['accepted']:,} facts, {counts['changed']:,} changed, {counts['gone']:,} gone"
            print(f"{name:24} {done.seconds:6.2f} s  {done.cpu:6.2f} s of processor  {done.peak:6.1f} MB  {told}")
        done = launch.run(sys.executable, "-c", _PARSE, "feed.xml", cwd=folder)
        size = feed.stat().st_size / 1e6
        print(f"{'read only':24} {done.seconds:6.2f} s  {done.cpu:6.2f} s of processor  {done.peak:6.1f} MB  a feed of {size:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
