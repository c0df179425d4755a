"""HKDF-SHA256 (RFC 5869), ChaCha20-Poly1305 (RFC 8439), and HPKE (RFC 9180) in base mode with X-Wing."""

import hashlib
import hmac
import struct

import curves
import mlkem


def extract(salt, secret):
    return hmac.digest(salt or bytes(32), secret, "sha256")


def expand(key, info, length):
    out, block = b"", b""
    for i in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes([i]), "sha256")
        out += block
    return out[:length]


def hkdf(secret, salt, info, length=32):
    return expand(extract(salt, secret), info, length)


def _block(key, counter, nonce):
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce))
    work = list(state)

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            work[x] = work[x] + work[y] & 0xFFFFFFFF
            t = work[z] ^ work[x]
            work[z] = (t << turn | t >> 32 - turn) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *(a + b & 0xFFFFFFFF for a, b in zip(work, state)))


def _stream(key, nonce, data):
    out = bytearray()
    for i in range(0, len(data), 64):
        out += bytes(a ^ b for a, b in zip(data[i : i + 64], _block(key, 1 + i // 64, nonce)))
    return bytes(out)


def _tag(key, nonce, data, ciphertext):
    one_time = _block(key, 0, nonce)[:32]
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(one_time[16:], "little")
    text = data + bytes(-len(data) % 16) + ciphertext + bytes(-len(ciphertext) % 16)
    text += struct.pack("<QQ", len(data), len(ciphertext))
    total = 0
    for i in range(0, len(text), 16):
        total = (total + int.from_bytes(text[i : i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return (total + s & (1 << 128) - 1).to_bytes(16, "little")


def aead_seal(key, nonce, plaintext, data=b""):
    ciphertext = _stream(key, nonce, plaintext)
    return ciphertext + _tag(key, nonce, data, ciphertext)


def aead_open(key, nonce, sealed, data=b""):
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if not hmac.compare_digest(_tag(key, nonce, data, ciphertext), tag):
        raise ValueError("it does not open")
    return _stream(key, nonce, ciphertext)


KEM, KDF, AEAD = 0x647A, 1, 3


class SealingKey:
    """An X-Wing key pair, from the 32 bytes of input to the KEM's DeriveKeyPair."""

    def __init__(self, seed):
        derived = hashlib.shake_256(
            seed + b"HPKE-v1" + b"KEM" + struct.pack(">HH", KEM, 13) + b"DeriveKeyPair" + struct.pack(">H", 32)
        ).digest(32)
        whole = hashlib.shake_256(derived).digest(96)
        self.pair, self.secret = mlkem.KeyPair(whole[:64]), whole[64:]
        self.public = self.pair.public + curves.x25519(self.secret)

    def _shared(self, encapsulated):
        first, second = encapsulated[:1088], encapsulated[1088:]
        parts = self.pair.decapsulate(first) + curves.x25519(self.secret, second)
        return hashlib.sha3_256(parts + second + self.public[1184:] + b"\\.//^\\").digest()

    def open(self, sealed, info):
        """Opens encapsulated key (1,120) ‖ ciphertext ‖ tag (16)."""
        suite = b"HPKE" + struct.pack(">HHH", KEM, KDF, AEAD)

        def labeled(salt, label, secret):
            return extract(salt, b"HPKE-v1" + suite + label + secret)

        context = b"\x00" + labeled(b"", b"psk_id_hash", b"") + labeled(b"", b"info_hash", info)
        secret = labeled(self._shared(sealed[:1120]), b"secret", b"")

        def out(label, length):
            return expand(secret, struct.pack(">H", length) + b"HPKE-v1" + suite + label + context, length)

        return aead_open(out(b"key", 32), out(b"base_nonce", 12), sealed[1120:])


def pad(plaintext):
    n = len(plaintext) + 1
    if n <= 256:
        size = -(-n // 32) * 32
    else:
        e = n.bit_length() - 1
        step = 1 << e - e.bit_length()
        size = -(-n // step) * step
    return plaintext + b"\x80" + bytes(size - n)


def unpad(padded):
    plaintext = padded.rstrip(b"\x00")
    if not plaintext.endswith(b"\x80"):
        raise ValueError("not padded")
    return plaintext[:-1]
