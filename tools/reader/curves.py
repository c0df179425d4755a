"""Ed25519ctx (RFC 8032) with the one rule of verification that docs/protocol.md makes part of the protocol, and X25519 (RFC 7748).

Slow and not safe against timing: it checks published vectors and holds no secrets.
"""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # a square root of -1


def _recover(y, sign):
    """The x of a point, or None off the curve. x = 0 with a sign is taken, as -0."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign and x else x


_BASE_Y = 4 * pow(5, -1, P) % P
BASE = (_recover(_BASE_Y, 0), _BASE_Y)
NEUTRAL = (0, 1)


def _add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P,
    )


def _times(n, point):
    sum_ = NEUTRAL
    while n:
        if n & 1:
            sum_ = _add(sum_, point)
        point = _add(point, point)
        n >>= 1
    return sum_


def _point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    y %= P  # encodings that are not canonical are taken
    x = _recover(y, sign)
    return None if x is None else (x, y)


def _bytes(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _hash(context, *parts):
    dom2 = b"SigEd25519 no Ed25519 collisions" + bytes([0, len(context)]) + context
    return int.from_bytes(hashlib.sha512(dom2 + b"".join(parts)).digest(), "little")


def public(seed):
    """The public signing key of a 32-byte seed."""
    digest = hashlib.sha512(seed).digest()
    return _bytes(_times(_scalar(digest[:32]), BASE))


def sign(seed, context, message):
    digest = hashlib.sha512(seed).digest()
    a, key = _scalar(digest[:32]), public(seed)
    r = _hash(context, digest[32:], message) % L
    commitment = _bytes(_times(r, BASE))
    k = _hash(context, commitment, key, message) % L
    return commitment + ((r + k * a) % L).to_bytes(32, "little")


def verify(key, context, message, signature):
    point, s = _point(key), int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    k = _hash(context, signature[:32], key, message) % L
    x, y = point
    return _bytes(_add(_times(s, BASE), _times(k, (-x % P, y)))) == signature[:32]


def _scalar(data):
    number = int.from_bytes(data, "little")
    return number & ~7 & (1 << 254) - 1 | 1 << 254


def x25519(secret, u=b"\x09" + bytes(31)):
    """The Montgomery ladder of RFC 7748, section 5."""
    k = _scalar(secret)
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swapped ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        a, b = (x2 + z2) % P, (x2 - z2) % P
        aa, bb = a * a % P, b * b % P
        e = (aa - bb) % P
        da, cb = (x3 - z3) * a % P, (x3 + z3) * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")
