package web_test

import (
	"context"
	"io"

	"kith/internal/social"
)

// Backup writes a few bytes in the place of a backup.
func (h *home) Backup(_ context.Context, options social.BackupOptions, w io.Writer) error {
	if err := options.Check(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Backup"); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "the whole home of "+h.me.Name); err != nil {
		return err
	}
	return h.lateFailure
}
