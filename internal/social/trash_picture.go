package social

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"kith/internal/oplog"
)

func trashPhoto(id string, i int) string { return fmt.Sprintf("trash.%s.%d", id, i) }

// trashPicture opens a rendition of a photo in the trash, named "ID.NUMBER.SIZE".
func (h *Home) trashPicture(ctx context.Context, name string) (Picture, error) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 {
		return Picture{}, errNoPicture
	}
	if raw, err := hex.DecodeString(parts[0]); err != nil || len(raw) != len(oplog.EntryID{}) {
		return Picture{}, errNoPicture
	}
	r, err := h.trashed(ctx, parts[0])
	if err != nil {
		return Picture{}, errNoPicture
	}
	i, err := strconv.Atoi(parts[1])
	if err != nil || i < 0 || i >= len(r.Photos) {
		return Picture{}, errNoPicture
	}
	return h.filePicture(ctx, &r.Photos[i], parts[2], r.At)
}
