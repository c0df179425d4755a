package blob

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const crashEnv = "KITH_BLOB_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled is the child of TestKillWhileWriting. It seals batches of blobs, passes some on to a
// second store piece by piece, and prints a line for each blob that was acknowledged.
func writeUntilKilled(dir string) error {
	ctx := context.Background()
	home, err := OpenStore(dir + "/home")
	if err != nil {
		return err
	}
	friend, err := OpenStore(dir + "/friend")
	if err != nil {
		return err
	}
	for seed := uint64(0); ; seed++ {
		plain := randomBytes(seed, int(seed*37_993%600_000))
		b := home.NewBatch()
		var sealed []Sealed
		for range 3 {
			one, err := b.Seal(ctx, bytes.NewReader(plain), int64(len(plain)))
			if err != nil {
				return err
			}
			sealed = append(sealed, one)
		}
		if err := b.Commit(ctx); err != nil {
			return err
		}
		for _, one := range sealed {
			fmt.Printf("home %d %x %x\n", seed, one.Manifest.Bytes(), one.Key.b)
		}
		m := sealed[0].Manifest
		if _, err := friend.PutManifest(ctx, m.Ref(), m.Bytes()); err != nil {
			return err
		}
		for i := range m.Pieces() {
			data, err := home.ReadPiece(ctx, m.Ref(), i, nil)
			if err != nil {
				return err
			}
			whole, err := friend.PutPiece(ctx, m.Ref(), i, data)
			if err != nil {
				return err
			}
			if whole {
				fmt.Printf("friend %d %x %x\n", seed, m.Bytes(), sealed[0].Key.b)
			}
		}
	}
}

// Whatever was acknowledged before a kill -9 is whole afterwards, and nothing is in the way of going on.
func TestKillWhileWriting(t *testing.T) {
	kills := 12
	if testing.Short() {
		kills = 3
	}
	acknowledged := 0
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(5, 6))
	for range kills {
		acknowledged += killOnce(t, dir, time.Duration(5+rng.IntN(100))*time.Millisecond)
	}
	if acknowledged < kills {
		t.Errorf("only %d blobs were acknowledged in %d runs: the test showed little", acknowledged, kills)
	}
	t.Logf("%d acknowledged blobs survived %d kills", acknowledged, kills)
}

// killOnce runs a child, kills it some time after its first acknowledged blob and checks every line it wrote.
func killOnce(t *testing.T, dir string, after time.Duration) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReaderSize(out, 1<<20)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer killer.Stop()
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	home, friend := openStore(t, dir+"/home"), openStore(t, dir+"/friend")
	count := 0
	for line := range strings.Lines(first + string(rest)) {
		if !strings.HasSuffix(line, "\n") {
			continue // cut off by the kill
		}
		where, sealed, plain := parseLine(t, line)
		s := home
		if where == "friend" {
			s = friend
		}
		if whole, err := s.Whole(sealed.Manifest.Ref()); err != nil || !whole {
			t.Fatalf("%s: acknowledged and not whole, %v", line[:20], err)
		}
		mustRead(t, s, sealed, plain)
		count++
	}
	// What was half done is either gone or goes on where it stopped.
	for info, err := range friend.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !info.Whole {
			transfer(t, friend, home, info.Ref)
		}
	}
	for _, name := range append(files(t, dir+"/home"), files(t, dir+"/friend")...) {
		if strings.HasPrefix(name, tempDir) {
			t.Errorf("left over: %s", name)
		}
	}
	return count
}

func parseLine(t *testing.T, line string) (where string, s Sealed, plain []byte) {
	t.Helper()
	var seed uint64
	var manifest, key string
	if _, err := fmt.Sscan(line, &where, &seed, &manifest, &key); err != nil {
		t.Fatal(err)
	}
	m, err := ParseManifest(unhex(t, manifest))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	s.Manifest = m
	if err := s.Key.UnmarshalBinary(raw); err != nil {
		t.Fatal(err)
	}
	return where, s, randomBytes(seed, int(seed*37_993%600_000))
}
