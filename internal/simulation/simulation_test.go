package simulation

import (
	"os"
	"strconv"
	"testing"
)

func TestSome(t *testing.T) {
	first, n := uint64(1), 20
	if s := os.Getenv("SEED"); s != "" {
		first, _ = strconv.ParseUint(s, 10, 64)
		n = 1
	}
	if s := os.Getenv("N"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	r := newReport()
	for i := range n {
		t.Run("", func(t *testing.T) {
			w := live(t, first+uint64(i), variant{live: os.Getenv("LIVE") != ""})
			r.add(w)
			if n == 1 {
				t.Log("\n" + w.String())
			}
		})
	}
	t.Log(r)
	for _, f := range r.Failures {
		t.Errorf("%+v", f)
	}
}
