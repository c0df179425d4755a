package ingest_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
	"kith/internal/sqlite"
	"kith/internal/tenure"
)

// person is somebody with one device and a home of their own: a real store behind a real gate.
type person struct {
	t        *testing.T
	id       key.PersonID
	device   *key.Device
	keys     *key.PersonKey
	identity []oplog.Verified
	db       *sqlite.DB
	path     string // of its file
	gate     *ingest.Pipeline
	commits  []ingest.Commit
	ahead    time.Duration // of the true time, on their clock

	identityHead oplog.Head
}

func newPerson(t *testing.T) *person {
	t.Helper()
	p := &person{t: t, device: key.NewDevice()}
	root := key.NewWords().Root()
	p.id = root.Person()
	var err error
	p.identity, p.keys, err = identity.Begin(root, p.device, time.Now())
	must(t, err)
	p.moveIn()
	return p
}

// moveIn makes the person's home on their device.
func (p *person) moveIn() {
	t := p.t
	t.Helper()
	var err error
	p.path = filepath.Join(t.TempDir(), "kith.db")
	p.db, err = sqlite.Open(t.Context(), p.path, sqlite.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, p.db.Close()) })
	p.gate = ingest.New(p.db, func(c ingest.Commit) { p.commits = append(p.commits, c) }, p.now)
	p.gate.Speak(ingest.Author{Person: p.id, Device: p.device})
	must(t, p.gate.Publish(t.Context(), func(w *ingest.Writing) error { return w.Identity(p.identity) }))
}

func (p *person) now() time.Time { return time.Now().Add(p.ahead) }

// identifies writes operations at the end of a log of the identity, by the person's device here.
func (p *person) identifies(ops ...identity.Operation) {
	p.t.Helper()
	if p.identityHead.Log.Space.IsZero() {
		p.identityHead.Log = oplog.Log{Space: p.id.IdentitySpace(), Device: p.device.ID(), Lane: oplog.Control, Incarnation: oplog.Incarnation{1}}
	}
	var drafts []oplog.Draft
	for _, op := range ops {
		payload, err := identity.Encode(op)
		must(p.t, err)
		drafts = append(drafts, oplog.Draft{Kind: oplog.KindIdentity, Payload: oplog.Plain(payload)})
	}
	entries, err := oplog.Compose(p.device, p.identityHead, 10, time.Now(), drafts)
	must(p.t, err)
	p.identityHead = entries[len(entries)-1].Head()
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) error { return w.Identity(entries) }))
}

// second lets another device in, with a home of its own.
func (p *person) second() *person {
	p.t.Helper()
	other := &person{t: p.t, id: p.id, keys: p.keys, identity: p.identity, device: key.NewDevice()}
	sealed, err := p.keys.SealTo(other.device.SealPublic())
	must(p.t, err)
	p.identifies(&identity.AddDevice{Device: identity.Certify(p.id, other.device), Number: 1, Key: sealed})
	other.moveIn()
	other.takes(p.runs(p.id.IdentitySpace())...)
	return other
}

// drops removes a device of the person, where its logs end as far as this home holds them.
func (p *person) drops(other *person, spaces ...key.SpaceID) {
	p.t.Helper()
	next := key.NewPersonKey(p.id, 2)
	mine, err := next.SealTo(p.device.SealPublic())
	must(p.t, err)
	root := key.NewWords().Root()
	toRoot, err := next.SealTo(root.SealPublic())
	must(p.t, err)
	op := &identity.RemoveDevice{Device: other.device.ID(), Key: identity.Generation{
		Number: 2, Suite: key.SealSuite, Public: next.SealPublic(), ToRoot: toRoot,
		ToDevice: []identity.SealedSeed{{Device: p.device.ID(), Sealed: mine}}, Previous: next.SealPrevious(p.keys),
	}}
	for _, id := range append(spaces, p.id.IdentitySpace()) {
		logs, err := p.db.Logs(p.t.Context(), id)
		must(p.t, err)
		for _, record := range logs {
			if record.Log.Device == other.device.ID() {
				op.Cut = append(op.Cut, space.CutPoint{Log: record.Log.ID(), Seq: record.Head.Seq})
			}
		}
	}
	p.identifies(op)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wall makes a wall that the person owns.
func (p *person) wall() key.SpaceID {
	p.t.Helper()
	var wall key.SpaceID
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) (err error) {
		wall, err = w.Create(space.NewCreate(space.Wall, p.id, space.HistoryAll))
		return err
	}))
	return wall
}

// group makes a group that the person owns.
func (p *person) group() key.SpaceID {
	p.t.Helper()
	var group key.SpaceID
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) (err error) {
		create := space.NewCreate(space.Group, p.id, space.HistoryAll)
		create.Invite = space.Admin
		group, err = w.Create(create)
		return err
	}))
	return group
}

// appoints makes somebody a member in a role.
func (p *person) appoints(id key.SpaceID, who *person, role space.Role) {
	p.t.Helper()
	p.meets(who)
	state, err := p.gate.State(p.t.Context(), id)
	must(p.t, err)
	p.operates(id, &space.Add{Person: who.id, Role: role, Generation: 1, After: state.After(role, who.id)})
}

// role is somebody's role as the person sees it.
func (p *person) role(id key.SpaceID, who *person) space.Role {
	p.t.Helper()
	state, err := p.gate.State(p.t.Context(), id)
	must(p.t, err)
	return state.Role(who.id)
}

// digest is of everything that the person holds of a space.
func (p *person) digest(id key.SpaceID, people ...*person) [32]byte {
	p.t.Helper()
	parts := []key.SpaceID{id}
	for _, who := range people {
		parts = append(parts, who.id.IdentitySpace())
	}
	heads, err := p.db.Heads(p.t.Context(), parts...)
	must(p.t, err)
	return heads.Digest()
}

func (p *person) operates(id key.SpaceID, ops ...space.Operation) {
	p.t.Helper()
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) error {
		_, err := w.Operate(id, ops...)
		return err
	}))
}

// forces makes a run of operations as a home would that is not ours: in a new log, under the right that the person has.
func (p *person) forces(id key.SpaceID, ops ...space.Operation) oplog.Run {
	p.t.Helper()
	state, err := p.gate.State(p.t.Context(), id)
	must(p.t, err)
	name, _ := state.TenureFor(p.id, space.Reader)
	log := oplog.Log{Space: id, Device: p.device.ID(), Lane: oplog.Control, Incarnation: tenure.NewIncarnation(name)}
	var drafts []oplog.Draft
	for _, op := range ops {
		payload, err := space.Encode(op)
		must(p.t, err)
		drafts = append(drafts, oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain(payload)})
	}
	entries, err := oplog.Compose(p.device, oplog.Head{Log: log}, 100, time.Now(), drafts)
	must(p.t, err)
	run, err := oplog.RunOf(entries)
	must(p.t, err)
	return run
}

func (p *person) writes(id key.SpaceID, items ...content.Item) []oplog.Verified {
	p.t.Helper()
	var entries []oplog.Verified
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) (err error) {
		entries, err = w.Items(id, items...)
		return err
	}))
	return entries
}

// adds makes somebody a member, as a friend is.
func (p *person) adds(id key.SpaceID, who *person) {
	p.t.Helper()
	p.meets(who)
	p.operates(id, &space.Add{Person: who.id, Role: space.Writer, Generation: 1, After: p.after(id, who)})
}

// after lists what an add of somebody has to override.
func (p *person) after(id key.SpaceID, who *person) []oplog.EntryID {
	p.t.Helper()
	state, err := p.gate.State(p.t.Context(), id)
	must(p.t, err)
	return state.After(space.Writer, who.id)
}

// meets takes somebody's identity.
func (p *person) meets(who *person) {
	p.t.Helper()
	run, err := oplog.RunOf(who.identity)
	must(p.t, err)
	verdicts, err := p.gate.Ingest(p.t.Context(), []oplog.Run{run})
	must(p.t, err)
	if c := verdicts[0].Code; c != ingest.Accepted && c != ingest.Duplicate {
		p.t.Fatalf("an identity is %v: %v", c, verdicts[0].Reason)
	}
}

// runs is everything that the person holds of a space, its people's identities included.
func (p *person) runs(id key.SpaceID) []oplog.Run {
	p.t.Helper()
	parts := []key.SpaceID{}
	if state, err := p.gate.State(p.t.Context(), id); err == nil {
		for _, who := range state.People() {
			parts = append(parts, who.IdentitySpace())
		}
	}
	var all []oplog.Run
	for _, part := range append(parts, id) {
		logs, err := p.db.Logs(p.t.Context(), part)
		must(p.t, err)
		for _, record := range logs {
			runs, err := p.db.Runs(p.t.Context(), record.Log.ID(), oplog.Range{First: 1, Last: record.Head.Seq}, 1<<30)
			must(p.t, err)
			all = append(all, runs...)
		}
	}
	return all
}

// takes puts runs through the gate and gives its answers.
func (p *person) takes(runs ...oplog.Run) []ingest.Verdict {
	p.t.Helper()
	verdicts, err := p.gate.Ingest(p.t.Context(), runs)
	must(p.t, err)
	return verdicts
}

// syncs takes everything that another holds of a space, and the keys that they hand out.
func (p *person) syncs(from *person, id key.SpaceID) {
	p.t.Helper()
	p.takes(from.runs(id)...)
	p.takesKeys(from, id)
}

func (p *person) takesKeys(from *person, id key.SpaceID) {
	p.t.Helper()
	missing, err := p.gate.Missing(p.t.Context(), id)
	must(p.t, err)
	for _, epoch := range missing {
		state, err := from.gate.State(p.t.Context(), id)
		must(p.t, err)
		may, history := state.MayHold(p.id, epoch)
		held, err := from.gate.Key(p.t.Context(), id, epoch)
		must(p.t, err)
		if !may || held == nil {
			continue
		}
		to := seal.Recipient{Space: id, Person: p.id, Generation: 1}
		wrap, err := seal.Wrap(held, to, p.keys.SealPublic(), history)
		must(p.t, err)
		published, _ := state.Epoch(epoch)
		opened, err := seal.Unwrap(wrap, epoch, to, p.keys, published.KeyCommitment, published.HistoryCommitment)
		must(p.t, err)
		must(p.t, p.gate.AddKey(p.t.Context(), id, opened))
	}
}

// reads lists the texts of the posts that the person can read, newest first.
func (p *person) reads() []string {
	p.t.Helper()
	page, err := p.db.Feed(context.Background(), sqlite.FeedQuery{Limit: 100})
	must(p.t, err)
	var texts []string
	for _, item := range page.Posts {
		texts = append(texts, item.Content.(content.Post).Text)
	}
	return texts
}
