package social

import (
	"context"
	"encoding/hex"
	"slices"

	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/tenure"
)

// Whoever was taken out of a space gets nothing of it by the sync protocol any more, the operation that says so included. A
// farewell tells their home: the removal, and the appointments that it rests on, so that it can see for itself that the
// removal counts. Nothing that came later is in it.

const recordsTold = "told"

// toldRecord is of which departures a person's home has been told.
type toldRecord struct {
	Of []string `json:"of"`
}

func toldID(person key.PersonID, id key.SpaceID) string { return id.String() + "." + person.String() }

func toldOf(departures []oplog.EntryID) *toldRecord {
	record := &toldRecord{}
	for _, id := range departures {
		record.Of = append(record.Of, hex.EncodeToString(id[:8]))
	}
	return record
}

// farewell is what to tell somebody who was taken out of a space; nil if there is nothing, or they were told.
func (h *Home) farewell(ctx context.Context, person key.PersonID, state *space.State) (*invite.Offer, error) {
	if state.Role(person) != 0 || !state.Was(person) || state.Role(h.node.Person()) == 0 {
		return nil, nil
	}
	departures := state.After(space.Reader, person)
	var told toldRecord
	if _, err := h.db.Get(ctx, recordsTold, toldID(person, state.ID), &told); err != nil {
		return nil, err
	}
	if slices.Equal(told.Of, toldOf(departures).Of) {
		return nil, nil
	}
	offer := &invite.Offer{Space: state.ID}
	entries, err := h.grounds(ctx, state.ID, departures)
	if err != nil {
		return nil, err
	}
	authors := make(map[key.PersonID]bool)
	for _, entry := range entries {
		runs, err := h.db.Runs(ctx, entry.log, oplog.Range{First: entry.seq, Last: entry.seq}, maxFarewell)
		if err != nil {
			return nil, err
		}
		offer.Proof = append(offer.Proof, invite.WireRuns(runs)...)
		authors[entry.author] = true
	}
	for author := range authors {
		runs, err := h.node.IdentityRuns(ctx, author)
		if err != nil {
			return nil, err
		}
		offer.Authors = append(offer.Authors, invite.Author{Person: author, Identity: invite.WireRuns(runs)})
	}
	if len(offer.Proof) == 0 || len(offer.Proof) > invite.MaxProof || len(offer.Authors) > invite.MaxProof {
		return nil, nil
	}
	return offer, nil
}

// maxFarewell bounds the runs of one entry in a farewell, in bytes.
const maxFarewell = 32 << 10

// ground is where an entry stands that a departure rests on.
type ground struct {
	log    oplog.LogID
	seq    uint64
	author key.PersonID
}

// grounds finds entries, and the appointments under which they were written, up to the create. A log names the appointment
// that it is written under in its incarnation.
func (h *Home) grounds(ctx context.Context, id key.SpaceID, of []oplog.EntryID) ([]ground, error) {
	var list []ground
	err := h.db.View(ctx, func(r ingest.Reader) error {
		lane, err := r.Lane(id)
		if err != nil {
			return err
		}
		byID, byName := make(map[oplog.EntryID]*oplog.Verified), make(map[tenure.Name]*oplog.Verified)
		for i := range lane {
			byID[lane[i].ID()], byName[tenure.NameOf(lane[i].ID())] = &lane[i], &lane[i]
		}
		seen := make(map[oplog.EntryID]bool)
		for _, departure := range of {
			for entry := byID[departure]; entry != nil && !seen[entry.ID()] && len(list) < invite.MaxProof; entry = byName[tenure.Under(entry.Log())] {
				seen[entry.ID()] = true
				record, known, err := r.Log(entry.LogID())
				if err != nil {
					return err
				}
				if known {
					list = append(list, ground{entry.LogID(), entry.Seq(), record.Author})
				}
			}
		}
		return nil
	})
	slices.Reverse(list) // the oldest appointment first
	return list, err
}

// wasTold notes that a person's home took a farewell, or a no to what they asked for.
func (h *Home) wasTold(ctx context.Context, person key.PersonID, offer *invite.Offer) error {
	id := offer.Space
	state, err := h.node.Gate().State(ctx, id)
	if err == nil && offer.No {
		return h.toldRefusal(ctx, person, state)
	}
	if len(offer.Proof) == 0 {
		return nil
	}
	if err != nil || state.Role(person) != 0 {
		return err
	}
	return h.db.Put(ctx, recordsTold, toldID(person, id), toldOf(state.After(space.Reader, person)))
}

// hearFarewell takes the proof that the owner is out of a space. The meeting lock is held.
func (h *Home) hearFarewell(ctx context.Context, offer *invite.Offer) (invite.Reply, error) {
	if _, err := h.node.Gate().State(ctx, offer.Space); err != nil {
		return invite.Taken, nil // it never came here
	}
	runs, err := offer.ReadProof()
	if err != nil {
		return 0, err
	}
	if _, err := h.node.Gate().Ingest(ctx, runs); err != nil {
		return 0, err
	}
	return invite.Taken, nil
}
