package sqlite

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
)

const childEnv = "KITH_SQLITE_TEST_CHILD"

// childMain writes posts for ever, and prints the ID of each after it was acknowledged.
func childMain(path string) {
	db, err := Open(context.Background(), path, Options{})
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	me := newRoom(noTest{}).author()
	for n := 0; ; n++ {
		w := me.write(content.Post{Text: fmt.Sprintf("post %d", n), Photos: []content.Photo{photo(uint64(n))}})
		err := db.Update(context.Background(), func(tx ingest.Tx) error {
			if err := tx.PutRecord("written", "last", w.entries[0].ID().String()); err != nil {
				return err
			}
			return w.put(tx)
		})
		if err != nil {
			fmt.Println("update:", err)
			return
		}
		fmt.Println(w.entries[0].ID())
	}
}

// noTest lets the helpers run outside of a test.
type noTest struct{ testing.TB }

func (noTest) Helper()           {}
func (noTest) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// killWriting starts a process that writes into the database, kills it after a while, and gives back what it was
// told is safe. The while begins with the process, so that opening is hit as well, or with what it writes first.
func killWriting(t *testing.T, path string, opening bool, while time.Duration) (acknowledged []oplog.EntryID) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.NewTimer(time.Hour)
	dead := make(chan struct{})
	go func() {
		defer close(dead)
		<-kill.C
		child.Process.Kill() // SIGKILL
	}()
	if opening {
		kill.Reset(while)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !opening && len(acknowledged) == 0 {
			kill.Reset(while)
		}
		raw, err := hex.DecodeString(lines.Text())
		if err != nil || len(raw) != len(oplog.EntryID{}) {
			if strings.Contains(lines.Text(), ":") {
				t.Errorf("the child says %q", lines.Text())
			}
			continue // the last line may be cut short
		}
		acknowledged = append(acknowledged, oplog.EntryID(raw))
	}
	kill.Reset(0)
	<-dead
	child.Wait()
	return acknowledged
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	path := filepath.Join(t.TempDir(), "kith.db")
	var all []oplog.EntryID
	for round := range rounds {
		all = append(all, killWriting(t, path, round%3 == 0, rand.N(150*time.Millisecond))...)
		start := time.Now()
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("opening took %v", took)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range all {
			item, found, err := db.Item(t.Context(), id)
			if err != nil || !found || len(item.Content.(content.Post).Photos) != 1 {
				t.Fatalf("acknowledged post %v: %v, %v, %v", id, item, found, err)
			}
		}
		// What the transaction wrote beside the post is there exactly when the post is.
		counts, err := db.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var last string
		if _, err := db.Get(t.Context(), "written", "last", &last); err != nil {
			t.Fatal(err)
		}
		if n := len(all); n > 0 {
			if counts.Entries < n || counts.Entries > n+rounds {
				t.Errorf("%d entries after %d were acknowledged", counts.Entries, n)
			}
			raw, _ := hex.DecodeString(last)
			if _, found, err := db.Item(t.Context(), oplog.EntryID(raw)); err != nil || !found {
				t.Errorf("the record names %s, which is not there: %v", last, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < rounds/2 {
		t.Errorf("only %d posts were acknowledged in %d rounds", len(all), rounds)
	}
	t.Logf("%d acknowledged posts survived %d kills", len(all), rounds)
}
