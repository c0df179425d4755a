package social

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/sqlite"
)

// recordsVerified is whom the owner verified in person, by PersonID.
const recordsVerified = "verified"

// verifiedRecord is when, and what they were called then.
type verifiedRecord struct {
	Since time.Time `json:"since"`
	Name  string    `json:"name"`
}

// Safety is what two people compare to be sure that their homes know each other and nobody in between.
type Safety struct {
	Person   Person    `json:"person"`
	Groups   []string  `json:"groups"` // of five digits each: the same on both sides
	Verified time.Time `json:"verified,omitzero"`
	// Twin is somebody else of the same name whom the owner verified: this is another identity.
	Twin *Person `json:"twin,omitempty"`
}

const (
	// safetyDomain is the first thing that is hashed for a safety number.
	safetyDomain = "kith safety number v1"
	// safetyGroups of safetyDigits digits are 199 bits: to find identities with the number of another pair, somebody
	// would have to make some 2^100 of them.
	safetyGroups = 12
	safetyDigits = 5
	// groupBytes of the hash make a group.
	groupBytes = 5
)

// safetyNumber makes the number of two people: of SHA-512 over the domain and both PersonIDs, the lesser first, each five
// bytes in turn, as a number, modulo 100,000. A PersonID is the hash of a person's root public key, so the number stands
// for both roots.
func safetyNumber(a, b key.PersonID) []string {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	sum := sha512.Sum512([]byte(safetyDomain + string(a[:]) + string(b[:])))
	groups := make([]string, safetyGroups)
	for i := range groups {
		var wide [8]byte
		copy(wide[8-groupBytes:], sum[i*groupBytes:])
		groups[i] = fmt.Sprintf("%0*d", safetyDigits, binary.BigEndian.Uint64(wide[:])%100_000)
	}
	return groups
}

// Safety gives the safety number of the owner and somebody else, and whether the owner verified it.
func (h *Home) Safety(ctx context.Context, person string) (Safety, error) {
	other, err := h.Person(ctx, person)
	if err != nil {
		return Safety{}, err
	}
	if other.Me {
		return Safety{}, errVerifyMe
	}
	id, err := h.personID(person)
	if err != nil {
		return Safety{}, err
	}
	s := Safety{Person: other, Groups: safetyNumber(h.node.Person(), id)}
	records, err := recordsByID[verifiedRecord](ctx, h.db, sqlite.Shared(recordsVerified))
	if err != nil {
		return Safety{}, explain("look whom you verified", err)
	}
	if record := records[id.String()]; record != nil {
		s.Verified = record.Since
		return s, nil
	}
	for text, record := range records {
		twin, err := key.ParsePersonID(text)
		if err != nil || !strings.EqualFold(strings.TrimSpace(record.Name), strings.TrimSpace(other.Name)) {
			continue
		}
		people, err := h.people(ctx, []key.PersonID{twin})
		if err != nil {
			return Safety{}, explain("look whom you verified", err)
		}
		found := people[twin]
		s.Twin = &found
	}
	return s, nil
}

var errVerifyMe = fail(CodeBadInput, "This is you. A safety number is compared with somebody else.", nil)

// Verify notes that the owner compared the safety number with somebody in person, or takes that back. It holds on all of the
// owner's devices, and nobody else is told.
func (h *Home) Verify(ctx context.Context, person string, on bool) error {
	safety, err := h.Safety(ctx, person)
	if err != nil || on == !safety.Verified.IsZero() {
		return err
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if on {
			return h.share(w, recordsVerified, safety.Person.ID, &verifiedRecord{Since: h.now(), Name: safety.Person.Name})
		}
		return h.unshare(w, recordsVerified, safety.Person.ID)
	})
	if err != nil {
		return explain("verify somebody", err)
	}
	h.feed.tell(Event{Kind: EventPerson, ID: safety.Person.ID})
	return nil
}

// noticeTwin tells the owner that a new friend has the name of somebody whom they verified, and is not them.
func (h *Home) noticeTwin(ctx context.Context, person key.PersonID) error {
	safety, err := h.Safety(ctx, person.String())
	if err != nil || safety.Twin == nil {
		return err
	}
	return h.notice(ctx, "twin-"+person.String(), "Your new friend "+safety.Person.Name+" is not the "+safety.Person.Name+
		" whom you verified in person, but another identity. Perhaps they began anew, or it is somebody else. Compare the safety number before you trust it.")
}
