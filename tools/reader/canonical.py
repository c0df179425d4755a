"""Canonical CBOR as docs/protocol.md gives it: core deterministic encoding (RFC 8949, section 4.2.1), read strictly.

Values are int, bytes, str, bool, None, list and dict. decode refuses whatever encode would have written otherwise.
"""

MAX_NESTING = 8
MAX_ELEMENTS = 16384


class Malformed(ValueError):
    """The bytes are not the one canonical encoding of anything that the protocol uses."""


def encode(value):
    if value is None:
        return b"\xf6"
    if value is False:
        return b"\xf4"
    if value is True:
        return b"\xf5"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return _head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(f"{type(value)} has no place in the protocol")


def decode(data):
    value, end = _read(data, 0, 0)
    if encode(value) != data[:end] or end != len(data):
        raise Malformed("not the canonical encoding")
    return value


def _head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for width, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | width]) + number.to_bytes(size, "big")
    raise Malformed("a number beyond 64 bits")


def _read(data, at, depth):
    if at >= len(data):
        raise Malformed("cut short")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if low not in (20, 21, 22):
            raise Malformed("a float, or a simple value that is not used")
        return {20: False, 21: True, 22: None}[low], at
    if low > 27:
        raise Malformed("an indefinite length")
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    if at + size > len(data):
        raise Malformed("cut short")
    number = int.from_bytes(data[at : at + size], "big") if size else low
    at += size
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        if at + number > len(data):
            raise Malformed("cut short")
        piece = data[at : at + number]
        return (piece if major == 2 else piece.decode()), at + number
    if major == 6:
        raise Malformed("a tag")
    if depth == MAX_NESTING or number > MAX_ELEMENTS:
        raise Malformed("nested too deep, or too many elements")
    if major == 4:
        items = []
        for _ in range(number):
            item, at = _read(data, at, depth + 1)
            items.append(item)
        return items, at
    items = {}
    for _ in range(number):
        key, at = _read(data, at, depth + 1)
        items[key], at = _read(data, at, depth + 1)
    if len(items) != number:
        raise Malformed("a key twice")
    return items, at
