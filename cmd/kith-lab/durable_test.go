package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What was written is waiting to go to the disk, until it is synchronised: that is what tells a durable commit from
// another.
func TestUnwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if left, _ := unwritten(path); left != 0 {
		t.Errorf("a file that is not there has %d pages to be written", left)
	}
	fs, err := filesystem(filepath.Dir(path))
	if err != nil || fs == "" {
		t.Fatalf("file system %q: %v", fs, err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	left, known := unwritten(path)
	if !known {
		t.Logf("this system does not tell")
		return
	}
	t.Logf("%d pages on %s", left, fs)
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if left, _ := unwritten(path); left != 0 && fs != "tmpfs" {
		t.Errorf("%d pages are still to be written after they were synchronised", left)
	}
}

func TestSynchronous(t *testing.T) {
	for want, left := range map[string][]uint64{
		"unknown":        nil,
		"full":           {0, 7, 0, 0, 0},
		"less than full": {1, 3, 0, 6, 9},
	} {
		if got := (&latencies{left: left}).synchronous(); got != want {
			t.Errorf("%v: %q and not %q", left, got, want)
		}
	}
}
