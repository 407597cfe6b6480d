"""A worker of procrastinate that finds nothing to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

from procrastinate import App
from procrastinate import PsycopgConnector


def look(folder: str) -> None:
    """It starts, looks, and ends."""
    asyncio.run(_worked((Path(folder) / "database").read_text()))


async def _worked(address: str) -> None:
    async with App(connector=PsycopgConnector(conninfo=address)).open_async() as app:
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
