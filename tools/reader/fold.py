"""Who may do what in a space: the fold of docs/protocol.md, stated plainly and without regard for speed.

It takes the operations of a control lane as they come and says who is in, what counts, and where logs end.
"""

import kith

READER, WRITER, ADMIN, OWNER = 1, 2, 3, 4
NOBODY = 5
ALL, JOINING = 1, 2
MAX_OWN = 24
CREATE, ADD, REMOVE, SET_ROLE, LEAVE, HAND_OVER, CLOSE, ASK, GRANT, REVOKE, ROTATE, MERGE, ERASE = range(1, 14)


class Op:
    """One entry of the control lane, with who wrote it."""

    def __init__(self, header, payload, log, person):
        self.id, self.seq, self.log_id = header.id, header.seq, header.log
        self.person, self.under = person, log["incarnation"][:8]
        self.kind, self.fields = kith.operation(kith.SPACE, payload)


class Tenure:
    """A right that somebody was given, and what lowers it."""

    def __init__(self, person, name, role, parent=None, grant=None, after=(), seat=False):
        self.person, self.name, self.role, self.after = person, name, role, after
        self.parent, self.grant, self.enders, self.leaves = parent, grant, [], []
        depth = 0 if parent is None else parent.depth + (not seat)
        self.depth = depth
        self.seniority = (-role, depth, (), 0, b"", person)
        if parent is not None:
            self.seniority = (-role, depth, parent.seniority, grant.seq, grant.id, person)

    def last(self, role, log, enders=None):
        """Until which entry a log has a role; None for as long as it goes on."""
        if role > self.role:
            return 0
        cuts = [cut.get(log, 0) for cap, cut, _ in (self.enders + self.leaves if enders is None else enders) if cap < role]
        return min(cuts, default=None)

    def within(self, role, log, seq):
        last = self.last(role, log)
        return last is None or seq <= last

    def now(self):
        return min([self.role] + [cap for cap, _, _ in self.enders + self.leaves])


class Space:
    def __init__(self, ops):
        """Raises ValueError where there is no create."""
        ops = list({op.id: op for op in ops}.values())
        creates = [op for op in ops if op.kind == CREATE and op.under == bytes(8) and op.fields[2] == op.person]
        create = min(creates, key=lambda op: (op.seq, op.id))
        _, self.kind, self.owner, self.history, self.post, self.invite, _ = create.fields
        self.held = {op.id[:8] for op in ops}
        self.tenures, self.counts, self.against, self.out = [], {}, {}, set()
        self._settle(ops)
        self.role = {}
        for t in self.tenures:
            self.role[t.person] = max(self.role.get(t.person, 0), t.now())
        self.closed = any(op.kind == CLOSE for op in ops if op.id in self.counts)
        self.epochs = self._rotations([op for op in ops if op.kind == ROTATE and op.id in self.counts])
        self.erasures = [op for op in ops if op.kind == ERASE and op.id in self.counts]
        self.generation = {op.id: op.fields[2] for op in ops if op.kind == ADD and op.id in self.counts}

    # Rights

    def one_owner(self):
        return self.kind in (1, 2, 5)

    def power(self):
        return OWNER if self.one_owner() else ADMIN

    def needs(self, op):
        most = WRITER if self.one_owner() else ADMIN
        if op.kind == ADD:
            if op.fields[1] > most:
                return NOBODY
            return OWNER if self.one_owner() else max(self.invite, op.fields[1])
        if op.kind == SET_ROLE:
            return NOBODY if op.fields[1] > most else self.power()
        if op.kind == REMOVE:
            return self.power()
        if op.kind == HAND_OVER:
            return NOBODY if self.one_owner() or op.fields[0] == op.person else OWNER
        return {CLOSE: OWNER, GRANT: ADMIN, REVOKE: ADMIN, ROTATE: self.post}.get(op.kind, READER)

    # The rule

    def _settle(self, ops):
        waiting = [Tenure(self.owner, bytes(8), OWNER)]
        while waiting:
            tenure = min(waiting, key=lambda t: t.seniority)
            waiting.remove(tenure)
            known = {t.person for t in self.tenures}
            if any((t.person, t.name) == (tenure.person, tenure.name) for t in self.tenures):
                continue
            if tenure.parent and tenure.role > tenure.parent.role:
                continue
            if tenure.person not in known and len(known) >= 1500:
                continue
            for ender in self.against.get(tenure.person, []):
                cap, _, id_ = ender
                if cap < tenure.role and not (tenure.grant and id_ == tenure.grant.id) and id_ not in tenure.after:
                    tenure.enders.append(ender)
                    self.out.add(id_[:8])
            self.tenures.append(tenure)
            waiting += self._count(tenure, ops)

    def _count(self, tenure, ops):
        """Decides about what stands under a tenure, and gives what is granted by it."""
        mine = sorted((op for op in ops if (op.person, op.under) == (tenure.person, tenure.name)), key=lambda op: (op.seq, op.id))
        granted, leaves, handed = [], 0, False
        for op in mine:
            if op.kind not in (LEAVE, HAND_OVER):
                continue
            last = tenure.last(self.needs(op), op.log_id, tenure.enders)
            if last is not None and op.seq > last:
                continue
            if op.kind == HAND_OVER:
                if handed:
                    continue
                handed = True
            else:
                leaves += 1
                if leaves > MAX_OWN:
                    continue
            cut = _cut(op.fields[0] if op.kind == LEAVE else op.fields[1])
            cut[op.log_id] = max(cut.get(op.log_id, 0), op.seq)
            ender = (0, cut, op.id)
            tenure.leaves.append(ender)
            self.out.add(op.id[:8])
            self.against.setdefault(op.person, []).append(ender)
            self.counts[op.id] = tenure
            if op.kind == HAND_OVER:
                person, _, after = op.fields
                granted.append(Tenure(person, op.id[:8], OWNER, tenure, op, after, seat=True))
                granted.append(Tenure(op.person, op.id[:8], ADMIN, tenure, op, after))
        for op in mine:
            if op.kind in (LEAVE, HAND_OVER) or not tenure.within(self.needs(op), op.log_id, op.seq):
                continue
            self.counts[op.id] = tenure
            if op.kind == ADD:
                person, role, _, after = op.fields
                granted.append(Tenure(person, op.id[:8], role, tenure, op, after))
            elif op.kind == SET_ROLE:
                person, role, cut, after = op.fields
                granted.append(Tenure(person, op.id[:8], role, tenure, op, after))
                self.against.setdefault(person, []).append((role, _cut(cut), op.id))
            elif op.kind == REMOVE:
                self.against.setdefault(op.fields[0], []).append((0, _cut(op.fields[1]), op.id))
        return granted

    # What follows

    def tenure_of(self, log, person):
        return next((t for t in self.tenures if (t.person, t.name) == (person, log["incarnation"][:8])), None)

    def end(self, log_id, log, person):
        """The last entry of a log that is accepted; None for as long as it goes on."""
        tenure = self.tenure_of(log, person)
        if tenure is None:
            return 0
        if log["lane"] == 1:
            return tenure.last(READER, log_id, tenure.enders)
        return tenure.last(self.post, log_id)

    def erased(self, log_id, log, person, seq):
        tenure = self.tenure_of(log, person)
        for op in self.erasures:
            by = self.counts[op.id]
            if not any(target[0] == log_id and target[1] == seq for target in op.fields[0]):
                continue
            if op.person == person:
                return True
            if tenure and by.within(self.power(), op.log_id, op.seq) and tenure.seniority > by.seniority:
                return True
        return False

    def _rotations(self, ops):
        epochs = {}
        for op in ops:
            rank = (self.counts[op.id].seniority, op.id)
            if op.fields[0] not in epochs or rank < epochs[op.fields[0]][0]:
                epochs[op.fields[0]] = (rank, op)
        return epochs

    def open_epochs(self, generation):
        """The epochs that may be written under, the one to prefer first. generation gives that of a person's key."""
        open_ = [epoch for epoch in self.epochs if self._is_open(self.epochs[epoch][1], generation)]
        followed = {parent for epoch in open_ for parent in self.epochs[epoch][1].fields[1]}
        return sorted(open_, key=lambda epoch: (epoch in followed, self.epochs[epoch][0]))

    def _is_open(self, op, generation):
        _, _, _, readers, out, _, _ = op.fields
        made_for = {person for person, _ in readers}
        if not self.role.get(op.person) or not self.out <= set(out):
            return False
        if not all(self.role.get(person) and generation(person) == named for person, named in readers):
            return False
        return all(
            person in made_for or self.history == ALL and self._came_with(person, generation(person))
            for person, role in self.role.items() if role
        )

    def _came_with(self, person, generation):
        named = [
            self.generation[t.grant.id] for t in self.tenures
            if t.person == person and t.grant and t.grant.id in self.generation and t.now()
        ]
        return bool(named) and all(g == generation for g in named)

    def may_hold(self, person, epoch):
        """0, or 1 for the key of an epoch, or 2 for its history key too."""
        _, _, _, readers, out, _, _ = self.epochs[epoch][1].fields
        if not self.role.get(person):
            return 0
        made_for = any(reader == person for reader, _ in readers)
        if self.history == JOINING:
            return 1 if made_for else 0
        return 2 if made_for or set(out) <= self.held else 0


def _cut(points):
    cut = {}
    for log, seq in points:
        cut[log] = min(seq, cut.get(log, seq))
    return cut
