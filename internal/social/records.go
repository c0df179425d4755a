package social

import (
	"context"
	"encoding/json"
	"fmt"

	"kith/internal/sqlite"
)

// records is the store as far as small documents go.
type records interface {
	Get(ctx context.Context, collection, id string, value any) (bool, error)
	List(ctx context.Context, collection string) ([]sqlite.Record, error)
}

// recordsByID reads a whole collection.
func recordsByID[T any](ctx context.Context, db records, collection string) (map[string]*T, error) {
	all := make(map[string]*T)
	list, err := db.List(ctx, collection)
	if err != nil {
		return nil, err
	}
	for _, record := range list {
		value := new(T)
		if err := json.Unmarshal(record.Value, value); err != nil {
			return nil, fmt.Errorf("record %s of %s: %w", record.ID, collection, err)
		}
		all[record.ID] = value
	}
	return all, nil
}

// listRecords reads a whole collection without the IDs.
func listRecords[T any](ctx context.Context, db records, collection string) ([]*T, error) {
	all, err := recordsByID[T](ctx, db, collection)
	list := make([]*T, 0, len(all))
	for _, value := range all {
		list = append(list, value)
	}
	return list, err
}
