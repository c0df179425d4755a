package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"kith/internal/api"
	"kith/internal/phone"
	"kith/internal/social"
)

// A real home, opened to a phone on a home network, which is this computer under another of its addresses.
func TestPhoneFromTheCommandLine(t *testing.T) {
	s := settings{
		dir: t.TempDir(), page: "127.0.0.1:0", pageGiven: true, listen: []string{"/ip4/127.0.0.1/tcp/0"}, bootstrap: []string{nobody},
		addresses: func() ([]netip.Prefix, error) { return []netip.Prefix{netip.MustParsePrefix("127.0.0.2/8")}, nil },
	}
	unlock, err := lockFolder(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := start(context.Background(), openHome, s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
		if err := unlock(); err != nil {
			t.Error(err)
		}
	})
	if err := r.home.people.Begin(t.Context(), social.Setup{Name: "Ada", Reach: social.ReachHome}); err != nil {
		t.Fatal(err)
	}
	kith := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		got := Main(t.Context(), append([]string{"--dir", s.dir}, args...), strings.NewReader(""), &out, &errs, func(string) string { return "" })
		if got != code {
			t.Fatalf("kith %q: exit code %d, %s", args, got, errs.String())
		}
		return out.String() + errs.String()
	}

	has(t, kith(0, "phone"), "It is off")
	has(t, kith(api.ExitNotAllowed, "phone", "pair"), "Switch it on first")
	has(t, kith(api.ExitUsage, "phone", "on", "--ask-password"), "No password is set")
	has(t, kith(0, "phone", "on"), "http://127.0.0.2:", "127.0.0.0/8")
	has(t, kith(0, "phone", "list"), "No phone is paired")
	has(t, kith(0, "phone", "pair", "Ada's phone"), "█", "http://127.0.0.2:", "It works once")
	var pairing phone.Pairing
	if err := json.Unmarshal([]byte(kith(0, "phone", "pair", "Ada's phone", "--json")), &pairing); err != nil {
		t.Fatal(err)
	}
	address, token, _ := strings.Cut(pairing.Link, "#")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	read := func(resp *http.Response, err error) (int, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := read(client.PostForm(address, url.Values{"token": {token}})); status != http.StatusOK || !strings.Contains(body, "Ada") {
		t.Fatalf("pairing: %d %s", status, body)
	}
	home := strings.TrimSuffix(address, "/signin")
	if status, _ := read(client.PostForm(home+"/publish", url.Values{"text": {"from the sofa"}})); status != http.StatusOK {
		t.Errorf("posting: %d", status)
	}
	has(t, kith(0, "feed"), "from the sofa")
	has(t, kith(0, "phone", "list"), "Ada's phone")
	has(t, kith(api.ExitNotFound, "phone", "remove", "another"), `no phone "another"`)
	has(t, kith(0, "phone", "remove", "ada's PHONE"), "is removed")
	if status, _ := read(client.Get(home + "/")); status != http.StatusUnauthorized {
		t.Errorf("a removed phone: %d", status)
	}
	has(t, kith(0, "phone", "off"), "It is off")
	if resp, err := client.Get(home + "/"); err == nil {
		resp.Body.Close()
		t.Error("it is off and answers")
	}
}
