package sqlite

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		childMain(path) // of the tests that kill a process
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
