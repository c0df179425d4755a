#!/usr/bin/env python3
"""Reads the vectors in internal/*/testdata by docs/protocol.md and docs/protocol-sync.md, with nothing but Python's standard library.

It shares no line with the program, so what both agree on is what the pages say. It prints a line for each file and at
last "N passed, N failed", and exits with 1 if anything differs. Usage: check.py [directory of the repository]
"""

import json
import pathlib
import sys

import canonical
import curves
import fold
import kith
import sealing

HEX = bytes.fromhex


class Tally:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def same(self, what, got, want):
        if got == want:
            self.passed += 1
            return
        self.failed += 1
        show = lambda v: v.hex() if isinstance(v, bytes) else repr(v)
        print(f"    {what}: {show(got)[:200]}\n      and not {show(want)[:200]}")

    def refused(self, what, read):
        try:
            read()
        except (ValueError, IndexError, KeyError):
            self.passed += 1
        else:
            self.failed += 1
            print(f"    {what}: it was not refused")


def check_keys(v, t):
    root = kith.Root(v["words"])
    t.same("root signing key", curves.public(root.signing), HEX(v["root_signing_public"]))
    t.same("root network key", curves.public(root.network), HEX(v["root_network_public"]))
    t.same("root sealing key", root.sealing.public, HEX(v["root_sealing_public"]))
    t.same("PersonID", kith.person_id(HEX(v["root_signing_public"])), HEX(v["person_id"]))
    t.same("PersonID as text", kith.text(HEX(v["person_id"])), v["person_id_text"])
    version, signing, network, seal = canonical.decode(HEX(v["device_file"]))
    device = sealing.SealingKey(seal)
    t.same("device file", version, 1)
    t.same("DeviceID", curves.public(signing), HEX(v["device_id"]))
    t.same("PeerKey", curves.public(network), HEX(v["peer_key"]))
    t.same("device sealing key", device.public, HEX(v["device_sealing_public"]))
    t.same("SpaceID", kith.space_id(HEX(v["create_statement"])), HEX(v["space_id"]))
    t.same("SpaceID as text", kith.text(HEX(v["space_id"])), v["space_id_text"])
    message = HEX(v["message"])
    t.same("signature of a run", curves.sign(signing, b"kith run v1", message), HEX(v["run_signature"]))
    t.same(
        "signature of a certificate", curves.sign(network, b"kith certificate v1", message), HEX(v["certificate_signature_by_network_key"])
    )
    seed = HEX(v["person_key_seed"])
    t.same("person key", kith.person_key(seed).public, HEX(v["person_key_public"]))
    sealed = HEX(v["previous_sealed"])
    opened = [g for g in range(1, 10) if opens(lambda: kith.previous_seed(seed, HEX(v["person_id"]), g, sealed))]
    t.same("the generation before opens under one number alone", len(opened), 1)
    if opened:
        before = kith.previous_seed(seed, HEX(v["person_id"]), opened[0], sealed)
        t.same("the generation before", before, HEX(v["previous_person_key_seed"]))
    t.same("what was sealed", device.open(HEX(v["sealed_to_device"]), HEX(v["seal_info"])), HEX(v["seal_plaintext"]))
    t.refused("a seal under another info", lambda: device.open(HEX(v["sealed_to_device"]), b"other"))


def opens(read):
    try:
        read()
    except ValueError:
        return False
    return True


def check_signatures(v, t):
    for case in v:
        key, message, signature = (HEX(case[name]) for name in ("public", "message", "signature"))
        t.same(case["name"], curves.verify(key, b"kith run v1", message, signature), case["accept"])


def check_oplog(v, t):
    def log_of(log):
        return kith.log_id(HEX(log["device"]), HEX(log["incarnation"]), HEX(log["space"]), log["lane"])

    for log in v["logs"]:
        t.same("LogID", log_of(log), HEX(log["log_id"]))
    space = HEX(v["logs"][0]["space"])
    for case in v["headers"]:
        name, header = case["name"], kith.Header(HEX(case["encoded"]))
        read = (header.kind, header.log.hex(), header.seq, header.prev.hex(), header.lamport, header.time,
                header.epoch.hex(), header.length, header.hash.hex(), [dep.hex() for dep in header.deps])
        want = [case[field] for field in ("kind", "log_id", "seq", "prev", "lamport", "time", "epoch", "payload_len", "payload_hash", "deps")]
        t.same(f"header, {name}", list(read), want)
        t.same(f"EntryID, {name}", header.id, HEX(case["entry_id"]))
        t.same(f"associated data, {name}", header.associated(space), HEX(case["associated_data"]))
        for i in range(len(header.data)):
            t.refused(f"header, {name}, cut at {i}", lambda: kith.Header(header.data[:i]))
        t.refused(f"header, {name}, with a byte behind", lambda: kith.Header(header.data + b"\x00"))
    run, previous = v["run"], bytes(32)
    t.same("LogID of the run", log_of(run["log"]), HEX(run["log"]["log_id"]))
    for i, entry in enumerate(run["entries"]):
        header, payload = kith.Header(HEX(entry["header"])), HEX(entry["payload"])
        t.same("place in the run", (header.seq, header.prev, header.log.hex()), (run["first"] + i, previous, run["log"]["log_id"]))
        t.same("payload", (header.length, header.hash), (len(payload), kith.sha256(payload)))
        t.same("EntryID in the run", header.id, HEX(entry["entry_id"]))
        previous = header.id
    signed = HEX(run["log"]["space"]) + previous
    device, signature = HEX(run["log"]["device"]), HEX(run["signature"])
    t.same("what a run's signature is over", signed, HEX(run["signed_bytes"]))
    t.same("device of the run", curves.public(HEX(run["device_signing_seed"])), device)
    t.same("signature of the run", curves.verify(device, b"kith run v1", signed, signature), True)
    t.same("signature of another run", curves.verify(device, b"kith run v1", signed[:-1] + b"\x00", signature), False)
    for case in v["frontiers"]:
        heads = [(HEX(head["log"]["log_id"]), head["seq"], HEX(head["entry_id"])) for head in case["heads_sorted"]]
        t.same("digest of a frontier", kith.frontier(heads), HEX(case["digest"]))


def check_identity(v, t):
    person, root = HEX(v["person"]), kith.Root(v["words"])
    t.same("person", kith.person_id(curves.public(root.signing)), person)
    for case in v["certificates"]:
        keys = [HEX(case[name]) for name in ("device", "network", "sealing_public")]
        t.same("text of a certificate", kith.certificate_text(person, *keys), HEX(case["signed_text"]))
        kith.check_certificate(person, keys + [HEX(case["proof"]), HEX(case["network_proof"])])
    publics = [HEX(public) for public in v["person_key_publics"]]
    number, found = kith.operation(kith.IDENTITY, HEX(v["found"]))
    root_key, root_seal, recovery, proof, certificate, generation = found
    text = kith.certificate_text(person, root_key, recovery, root_seal)
    t.same("found", (number, root_key, root_seal), (1, curves.public(root.signing), root.sealing.public))
    t.same("recovery network key", recovery, curves.public(root.network))
    t.same("text of the recovery proof", text, HEX(v["recovery_signed_text"]))
    t.same("recovery proof", curves.verify(recovery, b"kith recovery v1", text, proof), True)
    kith.check_certificate(person, certificate)
    first = open_generation(root, person, generation)
    t.same("first person key", (kith.person_key(first).public, generation[2]), (publics[0], publics[0]))
    number, (added, named, _) = kith.operation(kith.IDENTITY, HEX(v["add_device"]))
    kith.check_certificate(person, added)
    t.same("add device", (number, named), (2, 1))
    number, (removed, _, generation) = kith.operation(kith.IDENTITY, HEX(v["remove_device"]))
    t.same("remove device", (number, removed, generation[0]), (3, added[0], 2))
    second = open_generation(root, person, generation)
    t.same("second person key", (kith.person_key(second).public, generation[2]), (publics[1], publics[1]))
    t.same("the first in the second", kith.previous_seed(second, person, 1, generation[5]), first)


def open_generation(root, person, generation):
    """The seed of a person key, as the root opens it."""
    return root.sealing.open(generation[3], b"kith person key v1" + person + kith.number(generation[0], 8))


def check_space(v, t):
    for case in v:
        payload = HEX(case["encoded"])
        number, _ = kith.operation(kith.SPACE, payload)
        t.same(case["name"], number, case["number"])
        if "space_id" in case:
            t.same("SpaceID", kith.space_id(payload), HEX(case["space_id"]))
        for i in range(len(payload)):
            t.refused(f"{case['name']}, cut at {i}", lambda: kith.operation(kith.SPACE, payload[:i]))


def check_folds(v, t):
    for i, case in enumerate(v):
        logs = {}
        for id_, log in case["logs"].items():
            logs[HEX(id_)] = {name: HEX(log[name]) for name in ("device", "incarnation", "person")} | {"lane": log["lane"]}
        space, ops = HEX(case["space"]), []
        for id_, log in logs.items():
            t.same("LogID", kith.log_id(log["device"], log["incarnation"], space, log["lane"]), id_)
        for entry in case["entries"]:
            header = kith.Header(HEX(entry["header"]))
            log = logs[header.log]
            ops.append(fold.Op(header, HEX(entry["payload"]), log, log["person"]))
        state, what = fold.Space(ops), f"history {i}"
        t.same(f"{what}: closed", state.closed, case["closed"])
        t.same(f"{what}: roles", {person.hex(): role for person, role in state.role.items()}, case["roles"])
        t.same(f"{what}: out", sorted(id_.hex() for id_ in state.out), case["out"])
        t.same(f"{what}: open", [epoch.hex() for epoch in state.open_epochs(lambda person: 1)], case["open"])
        ends = {id_.hex(): state.end(id_, log, log["person"]) for id_, log in logs.items()}
        t.same(f"{what}: ends", {id_: end for id_, end in ends.items() if end is not None}, case["ends"])
        erased = {(place["log"], place["seq"]) for place in case["erased"]}
        for id_, log in logs.items():
            for seq in range(1, 4):
                if log["lane"] == 2:
                    got = state.erased(id_, log, log["person"], seq)
                    t.same(f"{what}: entry {seq} of log {id_.hex()} is erased", got, (id_.hex(), seq) in erased)
        for epoch, may in case["holds"].items():
            for person in state.role:
                got = state.may_hold(person, HEX(epoch))
                t.same(f"{what}: who holds epoch {epoch}", got, may.get(person.hex(), 0))


def check_seal(v, t):
    def secrets(e):
        return tuple(HEX(e[name]) for name in ("epoch_id", "epoch_key", "history_key"))

    for e in (v["epoch"], v["parent"]["parent"], v["parent"]["child"]):
        t.same("commitments", kith.commitments(*secrets(e)), (HEX(e["key_commitment"]), HEX(e["history_commitment"])))
    parent, child = secrets(v["parent"]["parent"]), secrets(v["parent"]["child"])
    t.same("sealed parent", kith.open_parent(child[0], child[2], parent[0], HEX(v["parent"]["sealed_parent"])), parent[1:])
    for case in v["payloads"]:
        key, salt, space, log = (HEX(case[name]) for name in ("epoch_key", "salt", "space", "log_id"))
        keys = kith.payload_keys(key, salt, space, log, case["seq"])
        t.same("keys of a payload", keys, (HEX(case["cipher_key"]), HEX(case["key_commitment"])))
        refs = [HEX(ref) for ref in case["refs"]]
        associated = HEX(case["associated_data"])
        associated = associated[: len(associated) - 32 * len(refs)]
        payload, plaintext = HEX(case["payload"]), HEX(case["plaintext"])
        t.same("payload", kith.open_payload(key, space, log, case["seq"], associated, payload), (refs, plaintext))
        t.same("padding", sealing.pad(plaintext), HEX(case["padded"]))
        t.refused("a payload moved", lambda: kith.open_payload(key, space, log, case["seq"] + 1, associated, payload))
    w = v["wrap"]
    info = kith.wrap_info(HEX(w["space"]), HEX(w["epoch_id"]), HEX(w["person"]), w["generation"])
    t.same("info of a wrap", info, HEX(w["info"]))
    recipient = sealing.SealingKey(HEX(w["recipient_sealing_seed"]))
    t.same("wrap", recipient.open(HEX(w["wrap"]), info), HEX(w["secrets"]))
    for case in v["buckets"]:
        padded = sealing.pad(bytes(case["plaintext_bytes"]))
        t.same("bucket", (len(padded), len(padded) + 16), (case["padded_bytes"], case["ciphertext_bytes"]))


def check_content(v, t):
    for case in v:
        value = canonical.decode(HEX(case["encoded"]))
        t.same(case["name"], (value[0], type(value[1])), (case["kind"], dict))
        if value[0] == 11:
            event = value[1]
            t.same("times of an event", (5 not in event or event[5] > event[4], (6 in event) != event.get(7, False)), (True, True))
        if value[0] == 14:
            logs = [log for log, seq in value[1][1] if len(log) == 16 and seq > 0]
            t.same("marks of a receipt", (len(logs), logs), (len(value[1][1]), sorted(set(logs))))


def check_blobs(v, t):
    for case in v:
        manifest, cipher = HEX(case["manifest"]), bytes_of(case["cipher"])
        t.same(f"ref, {case['note']}", kith.manifest_ref(manifest), HEX(case["ref"]))
        kith.check_manifest(manifest, cipher)
        t.same(f"file, {case['note']}", kith.open_blob(HEX(case["key"]), cipher), HEX(case["plain"]))
        damaged = cipher[:-1] + bytes([cipher[-1] ^ 1])
        t.refused("a damaged piece", lambda: kith.check_manifest(manifest, damaged))
        t.refused("a damaged file", lambda: kith.open_blob(HEX(case["key"]), damaged))


def bytes_of(text):
    return HEX(text)


def check_messages(v, t):
    space, dialer, acceptor = HEX(v["space"]), HEX(v["dialer"]), HEX(v["acceptor"])
    nonces = bytes(range(1, 33)), bytes(range(2, 34))
    session = kith.session_id(*nonces, dialer, acceptor)
    t.same("session", session, HEX(v["session"]))
    for direction, name in ((1, "from the dialer"), (2, "from the acceptor")):
        t.same(f"tag {name}", kith.space_tag(space, session, direction), HEX(v["tags"][name]))
    for name, frame in v["frames"].items():
        data = HEX(frame)
        t.same(f"length of {name}", int.from_bytes(data[:4], "big"), len(data) - 4)
        kind, value = kith.message(data[4:])
        t.same(f"{name}, encoded again", canonical.encode(value), data[5:])
        if name == "RUNS":
            want = [[(HEX(header), None if payload == "-" else HEX(payload)) for header, payload in run_entries(run)] for run in v["runs"]]
            t.same("headers of the runs", kith.run_headers(space, value), want)
    for name, body in v["refused"].items():
        t.refused(name, lambda: kith.message(HEX(body)))


def run_entries(run):
    return [(entry[0], entry[1]) for entry in run["entries"]]


FILES = {
    "internal/key/testdata/key.json": check_keys,
    "internal/key/testdata/signatures.json": check_signatures,
    "internal/oplog/testdata/oplog.json": check_oplog,
    "internal/identity/testdata/identity.json": check_identity,
    "internal/space/testdata/space.json": check_space,
    "internal/space/testdata/folds.json": check_folds,
    "internal/seal/testdata/seal.json": check_seal,
    "internal/content/testdata/content.json": check_content,
    "internal/blob/testdata/blob.json": check_blobs,
    "internal/replicate/testdata/messages.json": check_messages,
}


def main():
    here = pathlib.Path(__file__).resolve().parent.parent.parent
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    passed = failed = 0
    for name, check in FILES.items():
        tally = Tally()
        try:
            check(json.loads((root / name).read_text()), tally)
        except (ValueError, KeyError, IndexError, TypeError) as err:
            tally.failed += 1
            print(f"    it stopped at {type(err).__name__}: {err}")
        print(f"{'ok  ' if not tally.failed else 'FAIL'} {name}: {tally.passed} passed, {tally.failed} failed")
        passed, failed = passed + tally.passed, failed + tally.failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
