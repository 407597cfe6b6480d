"""The mail library of Python: one letter again and again over one connection."""

from __future__ import annotations

import smtplib
import time
from email.message import EmailMessage
from typing import Any


def send(port: int, count: int) -> dict[str, Any]:
    """So many letters."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Shop <hello@shop.example>", "ann@example.com", "How was it?"
    letter.set_content("Dear Ann, how do you like it?\n")
    letter.add_alternative("<p>Dear Ann, how do you like it?</p>\n", subtype="html")
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(count):
            server.send_message(letter)
    return {"seconds": time.perf_counter() - started}
