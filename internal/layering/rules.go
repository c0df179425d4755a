package layering

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path of kith's module.
const Module = "kith"

// sideways says which imports are allowed within a level.
type sideways int

const (
	never   sideways = iota // none
	inOrder                 // of packages listed earlier
	open                    // any
)

// level is a set of packages at the same height.
type level struct {
	name     string
	packages []string // below internal/
	sideways sideways
}

// levels, from the ground up.
var levels = []level{
	{"L0 vocabulary, formats, cryptography", []string{"canon", "key", "blob", "oplog", "seal", "calendar", "content", "markup", "terms"}, inOrder},
	{"L1 rules without I/O", []string{"identity", "space", "replicate", "media", "fetch", "invite", "tenure", "link", "service"}, open},
	{"L2 the gate", []string{"ingest"}, never},
	{"L3 the database, the network, and what a home does with its peers", []string{"sqlite", "p2p", "peering"}, never},
	{"L4 the running home and what people do", []string{"access", "phone", "node", "backup", "social"}, inOrder},
	{"L5 the edges", []string{"web", "api"}, never},
	{"L6 what is shown", []string{"village"}, never},
}

// narrow lists packages that may import even less than what is below them. The edges see what people do, and who may
// come in; neither SQL nor ciphertext.
var narrow = map[string][]string{
	"web": {"social", "access", "phone", "calendar", "markup"},
	"api": {"social", "access", "phone"},
}

// aside lists packages that are not part of the program. They import none of kith's packages but in tests, and none
// imports them.
var aside = []string{"layering", "simulation"}

// keepers says which package alone may import outside modules that start with a path.
var keepers = map[string]string{
	"zombiezen.com/go/sqlite":  "sqlite",
	"modernc.org/sqlite":       "sqlite",
	"database/sql":             "sqlite",
	"github.com/libp2p":        "p2p",
	"github.com/multiformats":  "p2p",
	"github.com/quic-go":       "p2p",
	"github.com/ipfs/go-cid":   "p2p",
	"github.com/pion":          "p2p",
	"github.com/alecthomas":    "cmd",
	"github.com/pelletier":     "cmd",
	"github.com/gofrs/flock":   "cmd",
	"html/template":            "web",
	"github.com/yuin/goldmark": "web",
}

// Check returns a sentence for each import of a package that the rules forbid, none if all is well. path and imports
// are full import paths; test files are not its matter.
func Check(path string, imports []string) []string {
	from, ok := room(path)
	if !ok {
		return nil // a command, or not of this module
	}
	var complaints []string
	complain := func(format string, args ...any) {
		complaints = append(complaints, path+" "+fmt.Sprintf(format, args...))
	}
	fromLevel := slices.IndexFunc(levels, func(l level) bool { return slices.Contains(l.packages, from) })
	if fromLevel < 0 && !slices.Contains(aside, from) {
		complain("is on no level: give it a place in internal/layering/rules.go and docs/architecture.md")
		return complaints
	}
	for _, imported := range imports {
		for prefix, keeper := range keepers {
			if (imported == prefix || strings.HasPrefix(imported, prefix+"/")) && from != keeper {
				complain("imports %s, which only %s may", imported, keeper)
			}
		}
		to, ok := room(imported)
		if !ok {
			if imported == Module || strings.HasPrefix(imported, Module+"/") {
				complain("imports %s: commands import packages, never the other way round", imported)
			}
			continue
		}
		if why := forbidden(from, fromLevel, to); why != "" {
			complain("imports %s: %s", imported, why)
		}
	}
	return complaints
}

// forbidden says why a package of a level must not import another, or "".
func forbidden(from string, fromLevel int, to string) string {
	if from == to {
		return "" // a part of the same package's room, such as its helpers for tests
	}
	if slices.Contains(aside, from) || slices.Contains(aside, to) {
		return "it is not part of the program"
	}
	toLevel := slices.IndexFunc(levels, func(l level) bool { return slices.Contains(l.packages, to) })
	if allowed, ok := narrow[from]; ok && toLevel < fromLevel {
		if slices.Contains(allowed, to) {
			return ""
		}
		return "it may only import " + strings.Join(allowed, ", ")
	}
	switch {
	case toLevel < 0:
		return "that package is on no level"
	case toLevel < fromLevel:
		return ""
	case toLevel > fromLevel:
		return "imports point down, and that is above"
	}
	l := levels[fromLevel]
	if l.sideways == open || l.sideways == inOrder && slices.Index(l.packages, to) < slices.Index(l.packages, from) {
		return ""
	}
	return "not within the level " + l.name + " in this direction"
}

// room returns the first part of an import path below kith/internal/.
func room(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, Module+"/internal/")
	if !ok {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return name, true
}
