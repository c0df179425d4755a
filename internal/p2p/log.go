package p2p

import (
	"log/slog"

	golog "github.com/ipfs/go-log/v2"
	"github.com/libp2p/go-libp2p/gologshim"
)

// LibraryLog sends what libp2p has to say to a handler, for the whole process. It has to be
// called before the first Start, once; otherwise libp2p writes its errors to standard error.
// The hash table logs in another way, which leads nowhere else, and is silenced.
func LibraryLog(handler slog.Handler) {
	gologshim.SetDefaultHandler(handler)
	golog.SetAllLoggers(golog.LevelFatal)
}
