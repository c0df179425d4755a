package sqlite

import (
	"context"
	"errors"
	"os"
)

// Counts are the store in figures.
type Counts struct {
	Entries int   // held, erased ones included
	Own     int   // of these, in own spaces, which no other person's home holds
	Blobs   int   // whole files here
	Wanted  int   // thumbs and screens that are to be fetched
	Bytes   int64 // on the disk: the database and what is beside it
}

// errEnough ends reading rows early.
var errEnough = errors.New("sqlite: enough rows")

// Counts reads the figures. It takes some milliseconds in a large store.
func (db *DB) Counts(ctx context.Context) (c Counts, err error) {
	err = db.view(ctx, func(r *reader) error {
		for query, to := range map[string]*int{
			"SELECT coalesce(sum(last - first + 1), 0) FROM held": &c.Entries,
			"SELECT count(*) FROM blobs WHERE here = 1":           &c.Blobs,
			`SELECT coalesce(sum(h.last - h.first + 1), 0) FROM held AS h JOIN logs AS l ON l.no = h.log
				JOIN spaces AS s ON s.no = l.space WHERE s.kind = 5`: &c.Own,
			"SELECT count(DISTINCT blob) FROM files WHERE want IS NOT NULL": &c.Wanted,
		} {
			n, err := r.c.integer(query)
			if err != nil {
				return err
			}
			*to = int(n)
		}
		return nil
	})
	if err != nil {
		return Counts{}, err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(db.path + suffix); err == nil {
			c.Bytes += info.Size()
		}
	}
	return c, nil
}
