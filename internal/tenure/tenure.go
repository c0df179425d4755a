package tenure

import (
	"crypto/rand"

	"kith/internal/oplog"
)

// MaxOwn bounds the leaves that count under one tenure, the first by sequence number and EntryID: one for each device
// that a person may have at a time. Without a bound, somebody who leaves could write so many that no rotation of the
// space's key could name them all.
const MaxOwn = 24

// Subject is who holds a tenure: a person or a device.
type Subject interface{ ~[32]byte }

// Name tells the tenures of one subject apart: the first 8 bytes of the EntryID of the grant, zero for the root.
type Name [8]byte

// NameOf is the name of what an entry grants.
func NameOf(grant oplog.EntryID) Name { return Name(grant[:8]) }

// Under is the name of the tenure under which a log of a space is written: the start of its incarnation.
func Under(log oplog.Log) Name { return Name(log.Incarnation[:8]) }

// NewIncarnation begins a log under a tenure: its name ‖ 8 random bytes.
func NewIncarnation(name Name) oplog.Incarnation {
	var incarnation oplog.Incarnation
	copy(incarnation[:], name[:])
	rand.Read(incarnation[len(name):])
	return incarnation
}

// CutPoint is where a log ends: entries beyond Seq do not count.
type CutPoint struct {
	_   struct{} `cbor:",toarray"`
	Log oplog.LogID
	Seq uint64
}

// Op is an operation as far as it matters who may do what. The fields are not changed by Fold.
type Op[S Subject] struct {
	ID     oplog.EntryID
	Log    oplog.LogID
	Seq    uint64
	Author S
	Under  Name
	Needs  uint64 // the least role that may do this, from 1
	Grants []Grant[S]
	End    *End[S] // nil: it ends nothing
	// Once marks operations of which, under one tenure, only the first by sequence number and EntryID counts. They have
	// an End that is Own.
	Once bool
}

// Grant gives somebody a tenure.
type Grant[S Subject] struct {
	Subject S
	Name    Name
	Role    uint64
	Seat    bool // keeps the depth of the parent
	// After names enders that the author knew of and overrides.
	After []oplog.EntryID
}

// End takes tenures of somebody away, or lowers them.
type End[S Subject] struct {
	Subject S
	Own     bool // the author's own leave; Subject is the author
	Cap     uint64
	Cut     []CutPoint
}

// Tenure is a granted right. It is immutable once folded.
type Tenure[S Subject] struct {
	Subject S
	Name    Name
	Role    uint64        // as granted
	Grant   oplog.EntryID // the entry that granted it; zero for the root
	Parent  *Tenure[S]    // nil for the root
	Rank    int           // its place by seniority, 0 for the root
	depth   int
	seq     uint64 // of the grant
	after   []oplog.EntryID
	// others and own are the enders that lower it: those by seniors, and the subject's leaves under it.
	others applicable[S]
	own    []*Ender[S]
}

// Now is the role that is left of it for logs that no cut names: for whatever is written from now on.
func (t *Tenure[S]) Now() uint64 {
	role := t.others.least(t.Role)
	for _, e := range t.own {
		role = min(role, e.Cap)
	}
	return role
}

// Last tells until where a log under the tenure has a role, every ender considered: the number of the last entry, if
// the log has ended for that role.
func (t *Tenure[S]) Last(role uint64, log oplog.LogID) (last uint64, ended bool) {
	last, ended = t.LastByOthers(role, log)
	if role > t.Role {
		return last, ended
	}
	for _, e := range t.own {
		if e.Cap < role && (!ended || e.cut[log] < last) {
			last, ended = e.cut[log], true
		}
	}
	return last, ended
}

// LastByOthers is Last without regard to the subject's own leaves.
func (t *Tenure[S]) LastByOthers(role uint64, log oplog.LogID) (last uint64, ended bool) {
	if role > t.Role {
		return 0, true
	}
	return t.others.last(role, log)
}

// Within tells whether the entry at a place in a log under the tenure has a role, every ender considered.
func (t *Tenure[S]) Within(role uint64, log oplog.LogID, seq uint64) bool {
	last, ended := t.Last(role, log)
	return !ended || seq <= last
}

// WithinByOthers is Within without regard to the subject's own leaves.
func (t *Tenure[S]) WithinByOthers(role uint64, log oplog.LogID, seq uint64) bool {
	last, ended := t.LastByOthers(role, log)
	return !ended || seq <= last
}
