package p2p

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
)

// namespace names a network namespace of this process.
func namespace(what string) string { return fmt.Sprintf("kith-p2p-%d-%s", os.Getpid(), what) }

// needs skips a test that cannot run here, and otherwise makes the named namespaces, which
// have no way out, and with them a switch to hang them on.
func needs(t *testing.T, programs []string, namespaces ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil || os.Geteuid() != 0 {
			t.Skipf("needs Linux, root and %v", programs)
		}
	}
	for _, ns := range append(namespaces, namespace("hub")) {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("no network namespaces here: %s", out)
		}
		t.Cleanup(func() { run(t, "ip netns del "+ns) })
		run(t, "ip -n "+ns+" link set lo up")
	}
}

// bridge makes a switch.
func bridge(t *testing.T, name string) {
	t.Helper()
	run(t, "ip -n "+namespace("hub")+" link add "+name+" type bridge")
	run(t, "ip -n "+namespace("hub")+" link set "+name+" up")
}

// plug connects a namespace to a switch, with a network card and an address.
func plug(t *testing.T, ns, sw, card, addr string) {
	t.Helper()
	port := fmt.Sprintf("p%d", ports.Add(1))
	run(t, fmt.Sprintf("ip -n %s link add %s type veth peer name %s netns %s", namespace("hub"), port, card, ns))
	run(t, fmt.Sprintf("ip -n %s link set %s master %s up", namespace("hub"), port, sw))
	run(t, fmt.Sprintf("ip -n %s addr add %s dev %s", ns, addr, card))
	run(t, fmt.Sprintf("ip -n %s link set %s up", ns, card))
}

var ports atomic.Int32

// lanOf makes n namespaces on one switch and returns their names. The i-th has the address
// prefix.0.(i+1), and reaches all that begin with the prefix. Such machines can only be made
// by root on Linux.
func lanOf(t *testing.T, n int, prefix string) []string {
	t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = namespace(fmt.Sprint(i))
	}
	needs(t, []string{"ip"}, names...)
	bridge(t, "sw")
	for i, ns := range names {
		plug(t, ns, "sw", "eth0", fmt.Sprintf("%s.0.%d/16", prefix, i+1))
	}
	return names
}

// run runs a command that has to work.
func run(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(line)
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
}
