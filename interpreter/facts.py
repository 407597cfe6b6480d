"""The door: everything that reaches the system is a fact, read and checked here (`events.md` §2).

`read` gives a `Fact` whose `data` is sound: every value has its type, ids are text, and the moments that scn itself keeps are seconds
since 1970 UTC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from dsl.catalog import OPERATIONS
from dsl.catalog import written_list
from dsl.forms import Record
from dsl.spelling import closest
from interpreter import operations
from interpreter import put_right
from interpreter.operations import PAYLOADS
from interpreter.payloads import explain
from interpreter.payloads import shown
from interpreter.put_right import Refused

#: One fact: bytes of its JSON, depth of its lists and objects, characters of one text in it.
MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_TEXT = 65_536
#: Numbers of more digits are no sums or counts, and lose digits in JSON.
MAX_NUMBER = 10**15

ACTORS = ("customer", "staff", "import", "scenario")
#: Digits, exponents and brackets, as one sign each; everything else as itself.
_MARKS = bytes.maketrans(b"123456789E{[", b"000000000e((")
#: What stands around every fact, beside the id of its customer.
ENVELOPE = ("op", "at", "key", "received", "batch", "actor")

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Fact(msgspec.Struct):
    """Something that came in. Moments in seconds since 1970 UTC."""

    id: int
    """In order of arrival; 0 until it is stored."""
    op: str
    key: str | None
    """A second fact with the same key changes nothing."""
    customer: str | None
    """External id."""
    at: int
    """When it happened, by the source."""
    received: int
    """When it arrived."""
    batch: str
    """Facts of one call or import are "at the same time" (`domain.md` A-04)."""
    actor: str
    """`customer`, `staff`, `import` or `scenario`"""
    data: dict[str, Any]
    """Everything else."""


class Rejection(Record):
    """Why something is no fact: where, and what was expected there."""

    path: str
    """`order.lines[2].price`; empty: the whole."""
    message: str
    """`expected a number, found "abc"`"""

    def __str__(self) -> str:
        """Both in one sentence."""
        return f"{self.path}: {self.message}" if self.path else self.message


# --------------------------------------------------------------------------------------------------------------- read


def read(
    raw: bytes | str | Mapping[str, Any], *, zone: str, received: int, batch: str, actor: str, received_each: bool = False
) -> Fact | Rejection:
    """One fact from its JSON, or why it is none. Never raises for what is in it.

    `zone` is read into moments without an offset; `received` is when it arrives, unless `received_each`: then the fact says it,
    else its `at`. `batch` and `actor` hold where the fact does not say.
    """
    try:
        found = _parsed(raw)
        operation = found.get("op")
        if operation.__class__ is not str or operation not in PAYLOADS:
            raise _unknown(operation)
        key = found.get("key")
        if key is None and found.get("at") is not None:
            content = {name: value for name, value in found.items() if name not in {"received", "batch"}}
            key = sha256(_encode_sorted(content)).hexdigest()[:32]
        elif key is not None:
            key = put_right.identifier(key, "key")
        # In the order in which mistakes are told; what is left of it is the payload.
        del found["op"]
        found.pop("key", None)
        at = _moment(found.pop("at", None), "at", zone)
        arrived = _moment(found.pop("received", None), "received", zone)
        if received_each:
            received = next((moment for moment in (arrived, at) if moment is not None), received)
        own_batch = found.pop("batch", None)
        if own_batch is not None:
            batch = put_right.identifier(own_batch, "batch")
        own_actor = found.pop("actor", None)
        if own_actor is not None:
            actor = _actor(own_actor)
        customer = found.get("customer")
        if customer is not None:
            found["customer"] = put_right.identifier(customer, "customer")
        operations.SHAPE[operation](operation, found)
        msgspec.convert(found, PAYLOADS[operation])
        operations.values(operation, found, zone, received if at is None else at)
    except Refused as problem:
        return Rejection(problem.path.lstrip("."), problem.message)
    except msgspec.ValidationError as problem:
        return Rejection(*explain(problem, found))
    customer = found.pop("customer", None)
    return Fact(0, operation, key, customer, received if at is None else at, received, batch, actor, found)


def _parsed(raw: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(raw, (bytes, str)):
        raw = _plain_json(raw)
    if len(raw) > MAX_BYTES:
        raise Refused("", f"expected a fact of at most {MAX_BYTES:,} bytes, found {len(raw):,}")
    if not raw.strip():
        raise Refused("", "expected a fact in braces, found nothing")
    try:
        found = _decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as problem:
        raise Refused("", f"expected text in UTF-8, found the byte 0x{problem.object[problem.start]:02x}") from None
    except msgspec.ValidationError:
        raise Refused("", "expected numbers below 10 to the power of 15, found a larger one") from None
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise Refused("", f"expected JSON, found a mistake: {_json_mistake(problem)}") from None
    if type(found) is not dict:
        raise Refused("", f"expected a fact in braces, found {shown(found)}")
    if len(raw) > MAX_TEXT or _doubtful(raw):
        _check_size(found, 1)
    return found


def _doubtful(raw: bytes | str) -> bool:
    """Whether a short fact may hold too large a number or too many lists and objects inside each other: nearly none does."""
    if isinstance(raw, str):
        return True
    marks = raw.translate(_MARKS)
    # Found, not `in`: bytes are asked first whether they are a number, at the price of an exception.
    return marks.find(b"0000000000000000") >= 0 or marks.find(b"0e") >= 0 or marks.count(b"(") > MAX_DEPTH


def _plain_json(raw: Mapping[str, Any]) -> bytes:
    try:
        _check_size(dict(raw), 1)
        return _encode(raw)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeError:
        raise Refused("", "expected text in UTF-8, found half of a character") from None
    except TypeError:
        raise Refused("", "expected text, numbers, `true`, `false`, `null`, lists and objects only") from None


def _json_mistake(problem: Exception) -> str:
    text = str(problem).removeprefix("JSON is malformed: ")
    return "it ends too early or holds half of a character" if "truncated" in text or isinstance(problem, UnicodeError) else text


def _too_deep() -> Refused:
    return Refused("", f"expected at most {MAX_DEPTH} lists and objects inside each other, found more")


def _check_size(value: Any, depth: int) -> None:
    """Refuses what no shop means: it would only break something later."""
    kind = type(value)
    if kind is str:
        if len(value) > MAX_TEXT:
            raise Refused("", f"expected a text of at most {MAX_TEXT:,} characters, found {len(value):,}")
    elif kind is int or kind is float:
        if not (-MAX_NUMBER < value < MAX_NUMBER):
            raise Refused("", f"expected a number below 10 to the power of 15, found {_number(value)}")
    elif kind is dict or kind is list:
        if depth > MAX_DEPTH:
            raise _too_deep()
        for place, inner in value.items() if kind is dict else enumerate(value):
            try:
                _check_size(inner, depth + 1)
            except Refused as problem:
                raise Refused((f".{_name(str(place))}" if kind is dict else f"[{place}]") + problem.path, problem.message) from None


def _number(value: float) -> str:
    try:
        return f"{value:.3g}" if math.isfinite(value) else "no number at all"
    except OverflowError:
        return "one of hundreds of digits"


def _name(key: str) -> str:
    """A key as a place: a strange one as it stands in the JSON, a long one cut."""
    return key if len(key) <= 40 and key.isprintable() else shown(key)


def _unknown(operation: Any) -> Refused:
    if not isinstance(operation, str):
        given = "nothing" if operation is None else shown(operation)
        return Refused("op", f"expected an operation such as `order.update`, found {given}")
    near = closest(operation, OPERATIONS)
    alike = [name for name in OPERATIONS if name.partition(".")[0] == operation.partition(".")[0].lower()]
    others = " or ".join(f"`{name}`" for name in alike) or "one such as `order.update`"
    meant = f"did you mean `{near}`?" if near else f"expected {others}"
    return Refused("op", f"unknown operation {shown(operation)}, {meant}")


def _moment(text: Any, name: str, zone: str) -> int | None:
    return None if text is None else put_right.moment(text, name, zone)


def _actor(actor: Any) -> str:
    if actor not in ACTORS:
        raise Refused("actor", f"expected {written_list(ACTORS)}, found {shown(actor)}")
    return str(actor)


# ------------------------------------------------------------------------------------------------------------ contacts


def contact_key(kind: str, value: str) -> str:
    """How a contact is compared: an e-mail address in lower case, a phone by its digits (a Russian mobile with its 8 as with its +7)."""
    if kind == "email":
        return value.strip().lower()
    if kind != "phone":
        return value
    digits = "".join(sign for sign in value if sign.isdigit())
    return "7" + digits[1:] if len(digits) == 11 and digits.startswith("89") and not value.lstrip().startswith("+") else digits


def is_address(kind: str, value: str) -> bool:
    """Whether anything could reach it. What is none (`-`, `no e-mail`) is kept, so that the shop finds it, but never written to."""
    if kind == "email":
        name, at, host = value.rpartition("@")
        return bool(name and at and host) and " " not in value
    return kind != "phone" or any(sign.isdigit() for sign in value)
