"""The structures of docs/protocol.md and docs/protocol-sync.md, read from their bytes by the words of these two pages alone."""

import base64
import hashlib
import hmac

import canonical
import curves
import sealing


class Malformed(ValueError):
    """A structure is canonical, and out of the bounds that the pages give."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def number(n, size):
    return n.to_bytes(size, "big")


# Shapes: each is a function that takes a decoded value and refuses it if it does not fit.


def need(fits, what):
    if not fits:
        raise Malformed(what)


def uint(most=2**64 - 1, least=0):
    return lambda v: need(type(v) is int and least <= v <= most, f"a number from {least} to {most}")


def integer(most=2**63 - 1, least=-(2**63)):
    return uint(most, least)


def octets(length=None, most=None):
    def check(v):
        need(type(v) is bytes, "bytes")
        need(length is None or len(v) == length, f"{length} bytes")
        need(most is None or len(v) <= most, f"at most {most} bytes")

    return check


def filled(shape):
    def check(v):
        shape(v)
        need(any(v) or len(v) not in (0, 32), "something")

    return check


def boolean(v):
    need(type(v) is bool, "true or false")


def either(*shapes):
    def check(v):
        for shape in shapes:
            try:
                return shape(v)
            except Malformed:
                pass
        raise Malformed("none of the shapes allowed")

    return check


def nothing(v):
    need(v is None, "null")


def items(shape, most=canonical.MAX_ELEMENTS, least=0):
    def check(v):
        need(type(v) is list and least <= len(v) <= most, f"an array of {least} to {most}")
        for item in v:
            shape(item)

    return check


def fields(*shapes):
    def check(v):
        need(type(v) is list and len(v) == len(shapes), f"{len(shapes)} fields")
        for shape, item in zip(shapes, v):
            shape(item)

    return check


SEQ = uint(2**53, 1)
CUT_POINT = fields(octets(16), uint(2**53))
ROLE = uint(4, 1)


# Keys and identifiers


class Root:
    """What the recovery words give."""

    def __init__(self, words):
        stretched = hashlib.pbkdf2_hmac("sha512", " ".join(words.lower().split()).encode(), b"mnemonic", 2048)

        def derived(purpose):
            return sealing.hkdf(stretched, b"", b"kith root %s v1" % purpose)

        self.signing, self.network = derived(b"signing"), derived(b"network")
        self.sealing = sealing.SealingKey(derived(b"sealing"))


def person_id(root):
    return sha256(b"kith person v1", root)


def space_id(create):
    return sha256(b"kith space v1", create)


def log_id(device, incarnation, space, lane):
    return sha256(b"kith log v1", device, incarnation, space, bytes([lane]))[:16]


def text(identifier):
    return base64.b32encode(identifier).decode().rstrip("=").lower()


def person_key(seed):
    return sealing.SealingKey(sealing.hkdf(seed, b"", b"kith person sealing v1"))


def previous_seed(seed, person, generation, sealed):
    """Opens the seed of a generation with the one after it."""
    key = sealing.hkdf(seed, b"", b"kith person previous v1")
    return sealing.aead_open(key, bytes(12), sealed, b"kith person key v1" + person + number(generation, 8))


# Entries

HEADER = fields(
    uint(1, 1), uint(3, 1), octets(16), SEQ, octets(32), uint(2**53, 1), integer(253402300799, 0),
    octets(16), uint(65536), octets(32), items(octets(32), 16),
)


class Header:
    def __init__(self, data):
        value = canonical.decode(data)
        HEADER(value)
        (_, self.kind, self.log, self.seq, self.prev, self.lamport, self.time,
         self.epoch, self.length, self.hash, self.deps) = value
        need((self.prev == bytes(32)) == (self.seq == 1), "prev is zero exactly at the beginning")
        need((self.epoch == bytes(16)) == (self.kind != 3), "an epoch exactly for content")
        need(self.lamport >= self.seq, "a Lamport time that counts")
        self.data, self.id = data, sha256(data)

    def associated(self, space):
        """What the payload's encryption binds to, before the refs."""
        value = canonical.decode(self.data)
        value[8], value[9] = 0, bytes(32)
        return space + canonical.encode(value)


def frontier(heads):
    """The digest of (log ID, seq, entry ID) triples."""
    return sha256(b"kith frontier v1", *(log + number(seq, 8) + entry for log, seq, entry in sorted(heads)))


# Operations

CERTIFICATE = fields(octets(32), octets(32), octets(1216), octets(64), octets(64))
GENERATION = fields(
    uint(least=1), uint(1, 1), octets(1216), octets(1168), items(fields(octets(32), octets(1168)), 24), octets(most=48),
)
IDENTITY = {
    1: fields(octets(32), octets(1216), octets(32), octets(64), CERTIFICATE, GENERATION),
    2: fields(CERTIFICATE, uint(), octets(1168)),
    3: fields(octets(32), items(CUT_POINT, 1250), GENERATION),
    4: fields(items(CUT_POINT, 1250)),
}
CUT = items(CUT_POINT, 512)
AFTER = items(octets(32), 128)
SPACE = {
    1: fields(octets(16), uint(5, 1), octets(32), uint(2, 1), ROLE, ROLE, ROLE),
    2: fields(octets(32), ROLE, uint(), AFTER),
    3: fields(octets(32), CUT),
    4: fields(octets(32), ROLE, CUT, AFTER),
    5: fields(CUT),
    6: fields(octets(32), CUT, AFTER),
    7: fields(),
    8: fields(octets(32)),
    9: fields(octets(32), uint(), integer(least=0)),
    10: fields(octets(32)),
    11: fields(
        octets(16), items(octets(16), 16), items(octets(80), 16), items(fields(octets(32), uint()), 1500, 1),
        items(octets(8), 4096), octets(32), octets(32),
    ),
    12: fields(),
    13: fields(items(fields(octets(16), SEQ, octets(32)), 256, 1)),
    14: fields(octets(16), SEQ, filled(octets(32))),
    15: fields(octets(32), octets(16), filled(octets()), filled(octets())),
}


def operation(shapes, payload):
    """Reads a framed operation: its number and fields."""
    value = canonical.decode(payload)
    need(type(value) is list and len(value) == 2 and value[0] in shapes, "a known operation")
    shapes[value[0]](value[1])
    return value[0], value[1]


def certificate_text(person, device, network, seal):
    return person + device + network + seal


def check_certificate(person, certificate):
    device, network, seal, proof, network_proof = certificate
    signed = certificate_text(person, device, network, seal)
    context = b"kith certificate v1"
    need(curves.verify(device, context, signed, proof), "a proof by the device")
    need(curves.verify(network, context, signed, network_proof), "a proof by the network key")


# Epochs and payloads


def commitments(epoch, key, history):
    return sha256(b"kith epoch key v1", epoch, key), sha256(b"kith epoch history v1", epoch, history)


def open_parent(epoch, history, parent, sealed):
    """The parent's key and history key."""
    key = sealing.hkdf(history, b"", b"kith epoch parent v1" + parent)
    secrets = sealing.aead_open(key, bytes(12), sealed, epoch + parent)
    return secrets[:32], secrets[32:]


def wrap_info(space, epoch, person, generation):
    return b"kith wrap v1" + number(1, 2) + space + epoch + person + number(generation, 8)


PAYLOAD = fields(uint(1, 1), items(octets(32), 128), octets(32), octets(32), octets())


def payload_keys(key, salt, space, log, seq):
    """The cipher key and its commitment."""
    both = sealing.hkdf(key, salt, b"kith payload v1" + space + log + number(seq, 8), 64)
    return both[:32], both[32:]


def open_payload(key, space, log, seq, associated, payload):
    """The refs and the plaintext of a content entry. associated is Header.associated of its header."""
    value = canonical.decode(payload)
    PAYLOAD(value)
    _, refs, salt, commitment, ciphertext = value
    cipher_key, expected = payload_keys(key, salt, space, log, seq)
    need(hmac.compare_digest(commitment, expected), "the commitment of this key")
    padded = sealing.aead_open(cipher_key, bytes(12), ciphertext, associated + b"".join(refs))
    return refs, sealing.unpad(padded)


# Blobs


def manifest_ref(manifest):
    return sha256(b"kith blob manifest v1\x00", manifest)


def check_manifest(manifest, cipher):
    """Compares a manifest with the whole ciphertext that it is of."""
    value = canonical.decode(manifest)
    fields(uint(1, 1), uint(), uint(), octets())(value)
    _, size, piece_size, hashes = value
    need(size == len(cipher), "the size of the ciphertext")
    pieces = [cipher[at : at + piece_size] for at in range(0, size, piece_size)]
    need(hashes == b"".join(sha256(b"kith blob piece v1\x00", piece) for piece in pieces), "the hashes of the pieces")


def open_blob(key, cipher):
    """The file in a blob: the age format with a stanza of its own."""
    header = b"age-encryption.org/v1\n-> kith-blob-1\n\n---"
    need(cipher.startswith(header + b" "), "the header of a blob")
    mac = base64.b64encode(hmac.digest(sealing.hkdf(key, b"", b"header"), header, "sha256")).rstrip(b"=")
    need(cipher[len(header) + 1 : 86] == mac + b"\n", "the header's code under this key")
    stream_key, plain, at, counter = sealing.hkdf(key, cipher[86:102], b"payload"), b"", 102, 0
    while True:
        chunk, last = cipher[at : at + 65552], at + 65552 >= len(cipher)
        plain += sealing.aead_open(stream_key, number(counter, 11) + bytes([last]), chunk)
        if last:
            return plain
        at, counter = at + 65552, counter + 1


# Sync


def session_id(dialer_nonce, acceptor_nonce, dialer, acceptor):
    return sha256(b"kith session v1", dialer_nonce, acceptor_nonce, dialer, acceptor)


def space_tag(space, session, direction):
    return hmac.digest(sha256(b"kith sync space v1", space), session + bytes([direction]), "sha256")[:16]


TAG, COUNT = octets(16), uint(2**53)
LOG_NAME = either(octets(49), octets(81))
RANGES = items(SEQ, 2 * 8192, 2)
ENTRY = fields(uint(3, 1), uint(2**53), integer(), uint(), octets(), octets(most=65536), either(nothing, fields(uint(65536), octets(32))))
RUN = fields(uint(2047), SEQ, either(octets(0), octets(32)), octets(64), items(ENTRY, 256, 1))
MESSAGES = {
    1: fields(uint(), uint(), boolean, octets(32), uint()),
    2: fields(uint(), octets()),
    3: fields(uint(), octets()),
    4: fields(TAG, octets()),
    5: fields(TAG, uint(), octets(), boolean, boolean, items(fields(LOG_NAME, SEQ, octets(32)), 8192)),
    6: fields(TAG, uint(least=1), items(fields(LOG_NAME, RANGES), 2048, 1)),
    7: fields(TAG, uint(), boolean, items(LOG_NAME, 2048), items(octets(16)), items(RUN, 2048)),
    8: fields(TAG, items(fields(LOG_NAME, SEQ, SEQ, octets(32)), 2048, 1)),
    9: fields(TAG, items(fields(octets(16), SEQ, SEQ), 2048, 1)),
    10: fields(uint(least=1)),
    11: fields(TAG, items(octets(16), 64, 1)),
    12: fields(TAG, items(fields(octets(16), uint(), boolean, octets(most=4096)), 64, 1)),
    13: fields(TAG, octets(most=1024)),
    14: fields(),
    15: fields(uint()),
}


def message(body):
    """Reads the rest of a frame: the kind and the fields."""
    kind = body[0]
    need(kind in MESSAGES, "a known kind of message")
    value = canonical.decode(body[1:])
    MESSAGES[kind](value)
    CHECKS.get(kind, lambda v: None)(value)
    return kind, value


def _offers(v):
    need(len(v[1]) % 32 == 0, "whole items")


def _answers(v):
    need(all(answer <= 4 for answer in v[1]), "an answer that there is")


def _summary(v):
    count, rest = divmod(len(v[1]), 8)
    need(rest == 0 and count > 0 and count & count - 1 == 0, "digests of a power of two of buckets")


def _names(names):
    for name in names:
        need(len(name) == 49 and name[48] in (1, 2) or len(name) == 81 and name[48] == 1, "a lane that there is")


def _frontier(v):
    need(len(v[2]) == (v[1] + 7) // 8, "a mask of as many bits as buckets")
    _names(head[0] for head in v[5])


def _wants(v):
    _names(want[0] for want in v[2])
    for _, ranges in v[2]:
        need(len(ranges) % 2 == 0, "whole ranges")
        need(all(a <= b for a, b in zip(ranges[::2], ranges[1::2])), "ranges that go forward")
        need(all(a < b for a, b in zip(ranges[1::2], ranges[2::2])), "ranges that do not overlap")


def _haves(v):
    _names(piece[0] for piece in v[1])
    need(all(first <= last for _, first, last, _ in v[1]), "pieces that go forward")


def _runs(v):
    _, want, final, names, epochs, runs = v
    _names(names)
    need(want or runs and not final, "something in a push")
    for log, first, previous, _, entries in runs:
        need(log < len(names), "a log that is named")
        need((previous == b"") == (first == 1), "a previous ID exactly behind the beginning")
        need(first + len(entries) - 1 <= 2**53, "sequence numbers in bounds")
        for _, _, _, epoch, deps, payload, erased in entries:
            need(epoch <= len(epochs), "an epoch that is named")
            need(len(deps) % 32 == 0 and len(deps) <= 16 * 32, "whole deps")
            need(erased is None or payload == b"", "no payload that was erased")


def _hello(v):
    need(1 <= v[0] <= v[1], "a range of versions")


CHECKS = {1: _hello, 2: _offers, 3: _answers, 4: _summary, 5: _frontier, 6: _wants, 7: _runs, 8: _haves}


def run_headers(space, value):
    """Puts the headers of a RUNS message together again: a list for each run, of (header bytes, payload)."""
    _, _, _, names, epochs, runs = value
    out = []
    for log, first, previous, _, entries in runs:
        name = names[log]
        where = space if len(name) == 49 else name[49:]
        id_ = log_id(name[:32], name[32:48], where, name[48])
        prev, lamport, time, headers = previous or bytes(32), 0, 0, []
        for i, (kind, more, later, epoch, deps, payload, erased) in enumerate(entries):
            lamport, time = lamport + more, time + later
            length, hash_ = erased or (len(payload), sha256(payload))
            header = canonical.encode([
                1, kind, id_, first + i, prev, lamport, time, epochs[epoch - 1] if epoch else bytes(16),
                length, hash_, [deps[at : at + 32] for at in range(0, len(deps), 32)],
            ])
            headers.append((header, None if erased else payload))
            prev = sha256(header)
        out.append(headers)
    return out
