package layering

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goPackage is what the test needs of go list's answer.
type goPackage struct {
	ImportPath string
	Name       string
	Doc        string
	Imports    []string
}

// list asks the go command for every package of the module.
func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Doc,Imports", "./...")
	cmd.Dir = root(t)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, problems.String())
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// root returns the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportsPointDown(t *testing.T) {
	packages := list(t)
	if len(packages) < 5 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		for _, complaint := range Check(p.ImportPath, p.Imports) {
			t.Error(complaint)
		}
	}
}

// The rules themselves: a guard that lets everything through would pass the test above.
func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		from, imports string
		ok            bool
	}{
		{"kith/internal/key", "crypto/ed25519", true},
		{"kith/internal/oplog", "kith/internal/key", true},
		{"kith/internal/key", "kith/internal/oplog", false},        // up within L0
		{"kith/internal/space", "kith/internal/identity", true},    // sideways, open
		{"kith/internal/space", "kith/internal/ingest", false},     // up
		{"kith/internal/sqlite", "kith/internal/p2p", false},       // sideways
		{"kith/internal/sqlite", "kith/internal/ingest", true},     // down
		{"kith/internal/social", "kith/internal/access", true},     // in order
		{"kith/internal/node", "kith/internal/social", false},      // against the order
		{"kith/internal/web", "kith/internal/api", false},          // sideways
		{"kith/internal/web", "kith/internal/social", true},        //
		{"kith/internal/web", "kith/internal/sqlite", false},       // narrow
		{"kith/internal/api", "kith/internal/seal", false},         // narrow
		{"kith/internal/api", "kith/internal/api/apitest", true},   // the same room
		{"kith/internal/new", "fmt", false},                        // no place
		{"kith/internal/social", "kith/internal/new", false},       //
		{"kith/internal/social", "kith/internal/layering", false},  // not part of the program
		{"kith/internal/layering", "kith/internal/key", false},     //
		{"kith/internal/social", "kith/cmd/kith", false},           // a command
		{"kith/cmd/kith", "github.com/libp2p/go-libp2p", true},     // commands may
		{"kith/internal/p2p", "github.com/libp2p/go-libp2p", true}, // its keeper
		{"kith/internal/node", "github.com/libp2p/go-libp2p", false},
		{"kith/internal/p2p", "zombiezen.com/go/sqlite/sqlitex", false},
		{"kith/internal/sqlite", "zombiezen.com/go/sqlite/sqlitex", true},
		{"kith/internal/social", "zombiezen.com/go/sqlite-something", true}, // another module
		{"kith/internal/sqlite/sqlitetest", "zombiezen.com/go/sqlite", true},
	} {
		complaints := Check(tc.from, []string{tc.imports})
		if ok := len(complaints) == 0; ok != tc.ok {
			t.Errorf("%s importing %s: allowed %v, want %v %q", tc.from, tc.imports, ok, tc.ok, complaints)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range list(t) {
		starts := []string{"Package " + p.Name + " "}
		if p.Name == "main" {
			command := p.ImportPath[strings.LastIndexByte(p.ImportPath, '/')+1:]
			starts = []string{"Command " + command + " ", strings.ToUpper(command[:1]) + command[1:] + " "}
		}
		if !slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(p.Doc, s) }) {
			t.Errorf("%s: its comment starts %.40q, want %q", p.ImportPath, p.Doc, starts)
		}
	}
}

// TestNoPathsOfThisMachine reads every text file of the module. The paths are put together here so that this file
// does not hold them itself.
func TestNoPathsOfThisMachine(t *testing.T) {
	dir := root(t)
	paths := []string{"/" + "work/", "/" + "root/", "/" + "Users/"}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 5 {
		paths = append(paths, home+"/")
	}
	if len(dir) > len("/src") {
		paths = append(paths, dir)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".bin", "bin"}, d.Name()):
			return filepath.SkipDir
		case !d.Type().IsRegular() || d.Name() == ".git": // a worktree's pointer to its repository
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if slices.Contains(text[:min(len(text), 1024)], 0) {
			return nil // not text
		}
		files++
		for _, p := range paths {
			if strings.Contains(string(text), p) {
				t.Errorf("%s holds %q", path, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files were read", files)
	}
}
