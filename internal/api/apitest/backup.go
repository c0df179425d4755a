package apitest

import (
	"context"
	"io"

	"kith/internal/social"
)

// Backup writes a few bytes in the place of a backup, after which it may fail as every method can be told to.
func (h *Home) Backup(ctx context.Context, options social.BackupOptions, w io.Writer) error {
	if err := options.Check(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	failed := h.enter(ctx, "Backup")
	if failed == nil || h.late {
		if _, err := io.WriteString(w, "the whole home"); err != nil {
			return err
		}
	}
	return failed
}

// FailLate makes Backup fail after its first bytes, where it fails.
func (h *Home) FailLate() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.late = true
}
