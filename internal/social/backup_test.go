package social_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"kith/internal/backup"
	"kith/internal/social"
)

// A backup that is taken while posts and photos are being written becomes a home again, which gets back what was written after
// the backup, writes on, and forks nothing.
func TestBackupUnderLoadIsRestored(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	before, err := ada.Publish(t.Context(), social.NewPost{Text: "before", Photos: []social.NewPhoto{ada.addsPhoto("first", 1)}})
	must(t, err)

	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			post := social.NewPost{Text: fmt.Sprint("meanwhile ", i)}
			if i%4 == 0 {
				post.Photos = []social.NewPhoto{ada.addsPhoto("meanwhile", uint64(100+i))}
			}
			if _, err := ada.Publish(t.Context(), post); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var file bytes.Buffer
	const passphrase = "four words of mine"
	for range 2 { // the second is taken in the middle for sure
		file.Reset()
		must(t, ada.Backup(t.Context(), social.BackupOptions{Passphrase: passphrase, Originals: true}, &file))
	}
	close(stop)
	wait.Wait()
	after := ada.says("after the backup")
	eventually(t, "Ben has everything", func() bool { return ben.has(after.ID) && has(ben, before.ID, "before") })
	all := ada.texts()
	if names, err := filepath.Glob(filepath.Join(ada.dir, ".kith-backup-*")); err != nil || len(names) > 0 {
		t.Errorf("left in the folder: %v, %v", names, err)
	}
	if bytes.Contains(file.Bytes(), []byte("meanwhile 1")) || !strings.HasPrefix(file.String(), "age-encryption.org/v1\n-> scrypt ") {
		t.Error("the backup is not encrypted")
	}
	ada.off()

	again := &house{t: t, name: "Ada again", dir: t.TempDir(), now: ada.now, at: ada.at}
	_, err = backup.Restore(t.Context(), bytes.NewReader(file.Bytes()), again.dir, passphrase)
	must(t, err)
	again.on()
	t.Cleanup(again.off)
	if !again.node.Restored {
		t.Error("the home does not know that it was restored")
	}
	if !has(again, before.ID, "before") {
		t.Error("what was there before the backup is not there")
	}
	if again.has(after.ID) {
		t.Error("what was written after the backup is in it: the test tests nothing")
	}
	// It writes before it has heard of anybody: the case that forks where places are used twice.
	early := again.says("back, and alone so far")
	eventually(t, "Ada has back what she wrote after the backup", func() bool { return again.has(after.ID) })
	eventually(t, "Ben reads what she wrote first", func() bool { return ben.has(early.ID) })
	back := ben.says("welcome back")
	eventually(t, "Ada reads Ben", func() bool { return again.has(back.ID) })
	late := again.says("thank you")
	eventually(t, "Ben reads on", func() bool { return ben.has(late.ID) })
	eventually(t, "both show the same", func() bool {
		a, b := again.texts(), ben.texts()
		slices.Sort(a)
		slices.Sort(b)
		return slices.Equal(a, b)
	})
	for _, text := range all[:min(len(all), 30)] {
		if !slices.Contains(again.texts(), text) {
			t.Errorf("%q is lost", text)
		}
	}
	for _, h := range []*house{again, ben} {
		forks, err := h.node.DB().Forks(t.Context())
		must(t, err)
		if len(forks) > 0 {
			t.Errorf("%s holds proof of %d forks", h.name, len(forks))
		}
	}
}

// A picture that is not in the backup comes back from a friend's home.
func TestPictureMissingInABackupIsFetched(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "look", Photos: []social.NewPhoto{ada.addsPhoto("it", 1)}})
	must(t, err)
	eventually(t, "Ben has the picture", func() bool { return has(ben, post.ID, "look") })
	must(t, os.RemoveAll(filepath.Join(ada.dir, "blobs"))) // as a disk loses it
	must(t, os.MkdirAll(filepath.Join(ada.dir, "blobs"), 0o700))
	var file bytes.Buffer
	must(t, ada.Backup(t.Context(), social.BackupOptions{Plain: true}, &file))
	ada.off()

	again := &house{t: t, name: "Ada again", dir: t.TempDir(), now: ada.now, at: ada.at}
	_, err = backup.Restore(t.Context(), bytes.NewReader(file.Bytes()), again.dir, "")
	must(t, err)
	again.on()
	t.Cleanup(again.off)
	eventually(t, "the picture is back", func() bool { return has(again, post.ID, "look") })
}

func TestBackupNeedsAPassphraseOrAWord(t *testing.T) {
	ada := newHouse(t, "Ada")
	for _, options := range []social.BackupOptions{{}, {Passphrase: "too short"}, {Passphrase: "four words of mine", Plain: true}} {
		var file bytes.Buffer
		err := ada.Backup(t.Context(), options, &file)
		if code(err) != social.CodeBadInput || file.Len() > 0 {
			t.Errorf("%+v: %v, and %d bytes", options, err, file.Len())
		}
	}
}
