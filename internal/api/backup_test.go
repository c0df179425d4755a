package api_test

import (
	"bytes"
	"errors"
	"testing"

	"kith/internal/social"
)

func TestBackup(t *testing.T) {
	f := started(t)
	var file bytes.Buffer
	if err := f.client.Backup(t.Context(), social.BackupOptions{Plain: true}, &file); err != nil || file.String() != "the whole home" {
		t.Errorf("%v, %q", err, file.String())
	}
	file.Reset()
	if err := f.client.Backup(t.Context(), social.BackupOptions{}, &file); code(err) != social.CodeBadInput || file.Len() > 0 {
		t.Errorf("without a passphrase: %v, %q", err, file.String())
	}
	f.home.Fail = func(method string) error { return errors.New("the disk failed") }
	if err := f.client.Backup(t.Context(), social.BackupOptions{Plain: true}, &file); code(err) != social.CodeInternal || file.Len() > 0 {
		t.Errorf("failed at once: %v, %q", err, file.String())
	}
	f.home.FailLate()
	if err := f.client.Backup(t.Context(), social.BackupOptions{Plain: true}, &file); code(err) != social.CodeInternal {
		t.Errorf("failed in the middle: %v, %q", err, file.String())
	}
}
