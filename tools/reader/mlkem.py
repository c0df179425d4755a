"""ML-KEM-768 (FIPS 203), as far as a reader needs it: a key pair from its seed, and decapsulation."""

import hashlib

Q, N, K = 3329, 256, 3
ETA, DU, DV = 2, 10, 4


def _reverse(i):
    return int(f"{i:07b}"[::-1], 2)


ZETAS = [pow(17, _reverse(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _reverse(i) + 1, Q) for i in range(128)]


def _ntt(f):
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            zeta = ZETAS[i]
            i += 1
            for j in range(start, start + length):
                t = zeta * f[j + length] % Q
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
        length //= 2
    return f


def _inverse(f):
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            zeta = ZETAS[i]
            i -= 1
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, zeta * (f[j + length] - t) % Q
        length *= 2
    return [x * 3303 % Q for x in f]


def _product(f, g):
    out = []
    for i in range(128):
        a, b, c, d = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        out += [(a * c + b * d * GAMMAS[i]) % Q, (a * d + b * c) % Q]
    return out


def _sum(f, g):
    return [(a + b) % Q for a, b in zip(f, g)]


def _dot(row, vector):
    total = [0] * N
    for f, g in zip(row, vector):
        total = _sum(total, _product(f, g))
    return total


def _uniform(seed, i, j):
    stream = hashlib.shake_128(seed + bytes([i, j])).digest(3 * 512)
    out = []
    for at in range(0, len(stream), 3):
        a, b, c = stream[at : at + 3]
        out += [x for x in (a | (b & 15) << 8, b >> 4 | c << 4) if x < Q]
    return out[:N]


def _small(seed, nonce):
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([nonce])).digest(64 * ETA), "little")
    out = []
    for _ in range(N):
        out.append(((bits & 1) + (bits >> 1 & 1) - (bits >> 2 & 1) - (bits >> 3 & 1)) % Q)
        bits >>= 4
    return out


def _pack(f, d):
    return sum(x << d * i for i, x in enumerate(f)).to_bytes(32 * d, "little")


def _unpack(data, d):
    number = int.from_bytes(data, "little")
    return [number >> d * i & (1 << d) - 1 for i in range(N)]


def _compress(f, d):
    return [((x << d) + Q // 2) // Q % (1 << d) for x in f]


def _decompress(f, d):
    return [(x * Q + (1 << d - 1)) >> d for x in f]


def _matrix(rho):
    return [[_uniform(rho, j, i) for j in range(K)] for i in range(K)]


class KeyPair:
    """The pair that a 64-byte seed (d ‖ z) gives."""

    def __init__(self, seed):
        d, self.z = seed[:32], seed[32:]
        g = hashlib.sha3_512(d + bytes([K])).digest()
        rho, sigma = g[:32], g[32:]
        self.secret = [_ntt(_small(sigma, i)) for i in range(K)]
        noise = [_ntt(_small(sigma, K + i)) for i in range(K)]
        rows = [_sum(_dot(row, self.secret), e) for row, e in zip(_matrix(rho), noise)]
        self.public = b"".join(_pack(row, 12) for row in rows) + rho

    def decapsulate(self, ciphertext):
        step = 32 * DU
        u = [_decompress(_unpack(ciphertext[step * i : step * (i + 1)], DU), DU) for i in range(K)]
        v = _decompress(_unpack(ciphertext[step * K :], DV), DV)
        masked = _inverse(_dot(self.secret, [_ntt(f) for f in u]))
        message = _pack(_compress([(a - b) % Q for a, b in zip(v, masked)], 1), 1)
        g = hashlib.sha3_512(message + hashlib.sha3_256(self.public).digest()).digest()
        if _encrypt(self.public, message, g[32:]) == ciphertext:
            return g[:32]
        return hashlib.shake_256(self.z + ciphertext).digest(32)


def _encrypt(public, message, seed):
    rows = [_unpack(public[384 * i : 384 * (i + 1)], 12) for i in range(K)]
    matrix = _matrix(public[384 * K :])
    y = [_ntt(_small(seed, i)) for i in range(K)]
    columns = [[matrix[i][j] for i in range(K)] for j in range(K)]
    u = [_sum(_inverse(_dot(column, y)), _small(seed, K + i)) for i, column in enumerate(columns)]
    v = _sum(_inverse(_dot(rows, y)), _small(seed, 2 * K))
    v = _sum(v, _decompress(_unpack(message, 1), 1))
    return b"".join(_pack(_compress(f, DU), DU) for f in u) + _pack(_compress(v, DV), DV)
