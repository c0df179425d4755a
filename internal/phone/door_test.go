package phone_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/phone"
)

// memory is a store that forgets.
type memory struct {
	mu   sync.Mutex
	docs map[string]string
}

func (m *memory) Get(_ context.Context, collection, id string, value any) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.docs[collection+"/"+id]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal([]byte(text), value)
}

func (m *memory) Put(_ context.Context, collection, id string, value any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, err := json.Marshal(value)
	if m.docs == nil {
		m.docs = make(map[string]string)
	}
	m.docs[collection+"/"+id] = string(text)
	return err
}

// fixture is a door whose network is the loopback interface, which has more addresses than one.
type fixture struct {
	*phone.Door
	t     *testing.T
	store *memory
	gate  *access.Gate

	mu        sync.Mutex
	addresses []netip.Prefix
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	gate, err := access.New(t.Context(), new(accesstest.Memory))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, store: new(memory), gate: gate}
	f.at("127.0.0.2/8")
	f.start()
	t.Cleanup(f.stop)
	return f
}

func (f *fixture) at(addresses ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.addresses = nil
	for _, a := range addresses {
		f.addresses = append(f.addresses, netip.MustParsePrefix(a))
	}
}

func (f *fixture) start() {
	f.t.Helper()
	var err error
	f.Door, err = phone.New(f.t.Context(), phone.Config{
		Store: f.store, Gate: f.gate, Log: slog.New(slog.DiscardHandler), Every: 5 * time.Millisecond,
		Addresses: func() ([]netip.Prefix, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.addresses, nil
		},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.Serve(f.t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "home of "+r.Host) }))
}

func (f *fixture) stop() {
	if err := f.Close(); err != nil {
		f.t.Error(err)
	}
}

func (f *fixture) status() phone.Status {
	f.t.Helper()
	s, err := f.Status(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (f *fixture) turn(on bool) phone.Status {
	f.t.Helper()
	s, err := f.Switch(f.t.Context(), on)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// get fetches a page, from one of this computer's own addresses; "" is any.
func get(address, from string) (string, error) {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	resp, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func (f *fixture) until(what string, so func(phone.Status) bool) {
	f.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(f.status()); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("waited in vain until %s: %+v", what, f.status())
		}
	}
}

func TestOffUntilSwitchedOn(t *testing.T) {
	f := newFixture(t)
	if s := f.status(); s != (phone.Status{}) || f.Host() != "" {
		t.Errorf("at first: %+v", s)
	}
	if _, err := f.Pair(t.Context(), "phone"); !errors.Is(err, phone.ErrOff) {
		t.Errorf("pairing while it is off: %v", err)
	}
	s := f.turn(true)
	if !strings.HasPrefix(s.Address, "http://127.0.0.2:") || s.Network != "127.0.0.0/8" || "http://"+f.Host() != s.Address {
		t.Fatalf("on: %+v", s)
	}
	if body, err := get(s.Address, ""); err != nil || body != "home of "+f.Host() {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := get(strings.Replace(s.Address, "127.0.0.2", "127.0.0.3", 1), ""); err == nil {
		t.Error("it listens on another address too")
	}
	f.stop()
	f.start()
	if again := f.status(); again != s {
		t.Errorf("after a restart: %+v", again) // same port: bookmarks go on working
	}
	f.turn(false)
	if _, err := get(s.Address, ""); err == nil {
		t.Error("it is off and answers")
	}
	f.stop()
	f.start()
	if s := f.status(); s.On || s.Address != "" {
		t.Errorf("off, after a restart: %+v", s)
	}
}

func TestWithoutANetwork(t *testing.T) {
	f := newFixture(t)
	f.at()
	if _, err := f.Switch(t.Context(), true); !errors.Is(err, phone.ErrNoNetwork) || f.status().On {
		t.Errorf("%v, %+v", err, f.status())
	}
}

// On another network than the one for which it was switched on, nothing listens.
func TestOnlyOnItsNetwork(t *testing.T) {
	f := newFixture(t)
	f.at("127.1.0.2/16")
	home := f.turn(true)
	f.at("127.2.0.2/16") // a café
	f.until("it is shut", func(s phone.Status) bool { return s.Address == "" && s.On && s.Trouble != "" })
	if _, err := get(home.Address, ""); err == nil {
		t.Error("it answers at home's address")
	}
	if _, err := f.Pair(t.Context(), "phone"); !errors.Is(err, phone.ErrOff) {
		t.Errorf("pairing: %v", err)
	}
	f.at("127.2.0.2/16", "127.1.0.9/16") // home again, with another address
	f.until("it is open again", func(s phone.Status) bool { return strings.HasPrefix(s.Address, "http://127.1.0.9:") && s.Trouble == "" })
	f.at("127.2.0.2/16")
	f.until("it is shut", func(s phone.Status) bool { return s.Address == "" })
	if s := f.turn(true); s.Network != "127.2.0.0/16" || s.Address == "" { // the owner says so
		t.Errorf("switched on there: %+v", s)
	}
}

// Who comes from elsewhere than the network, such as through a router that forwards the port, gets no answer.
func TestOnlyFromItsNetwork(t *testing.T) {
	f := newFixture(t)
	f.at("127.1.0.2/16")
	s := f.turn(true)
	if body, err := get(s.Address, "127.2.0.7"); err == nil {
		t.Errorf("from elsewhere: %q", body)
	}
	if _, err := get(s.Address, "127.1.0.7"); err != nil {
		t.Errorf("from the network: %v", err)
	}
}

func TestPairingListingRemoving(t *testing.T) {
	f := newFixture(t)
	f.turn(true)
	first, err := f.Pair(t.Context(), "Ada’s phone")
	if err != nil {
		t.Fatal(err)
	}
	second, err := f.Pair(t.Context(), "Bo’s phone") // in the place of the first
	if err != nil {
		t.Fatal(err)
	}
	token := func(p phone.Pairing) string {
		link, token, _ := strings.Cut(p.Link, "#")
		if link != "http://"+f.Host()+"/signin" || time.Until(p.Expires) > access.PairingLife {
			t.Errorf("pairing: %+v", p)
		}
		return token
	}
	if _, err := f.gate.Pair(t.Context(), token(first), "", false, ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("the first: %v", err)
	}
	if shown, ok := f.Pairing(); !ok || shown.Link != second.Link {
		t.Errorf("shown: %+v, %v", shown, ok)
	}
	secret, err := f.gate.Pair(t.Context(), token(second), "", false, "Safari")
	if err != nil {
		t.Fatal(err)
	}
	if shown, ok := f.Pairing(); ok {
		t.Errorf("shown after it was used: %+v", shown)
	}
	sign, err := f.gate.OneTimeToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	browser, err := f.gate.SignInToken(t.Context(), sign, "Firefox")
	if err != nil {
		t.Fatal(err)
	}
	phones, err := f.Phones(t.Context())
	if err != nil || len(phones) != 1 || phones[0].Name != "Bo’s phone" {
		t.Fatalf("phones: %+v, %v", phones, err)
	}
	session, err := f.gate.Check(t.Context(), browser)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(t.Context(), session.ID); !errors.Is(err, access.ErrNoSession) {
		t.Errorf("removing a browser that is no phone: %v", err)
	}
	if err := f.Remove(t.Context(), phones[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := f.gate.Check(t.Context(), secret); !errors.Is(err, access.ErrNoSession) {
		t.Errorf("the phone, afterwards: %v", err)
	}
	if third, err := f.Pair(t.Context(), "another"); err != nil {
		t.Error(err)
	} else {
		secret := token(third)
		f.turn(false)
		if _, err := f.gate.Pair(t.Context(), secret, "", false, ""); !errors.Is(err, access.ErrToken) {
			t.Errorf("pairing after it was switched off: %v", err)
		}
	}
}

func TestPasswordOnlyWhereOneIsSet(t *testing.T) {
	f := newFixture(t)
	if err := f.AskPassword(t.Context(), true); !errors.Is(err, phone.ErrNeedsPassword) || f.status().AskPassword {
		t.Errorf("%v", err)
	}
	if err := f.gate.SetPassword(t.Context(), "", "four words of mine"); err != nil {
		t.Fatal(err)
	}
	if err := f.AskPassword(t.Context(), true); err != nil || !f.status().AskPassword {
		t.Errorf("%v", err)
	}
}

func TestAddressesArePrivate(t *testing.T) {
	addresses, err := phone.Addresses()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if !a.Addr().Is4() || !a.Addr().IsPrivate() {
			t.Errorf("%v is no address of a home network", a)
		}
	}
}
