package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "línea": "línea", "a\x1b[31mb": "a[31mb", "bell\x07": "bell", "c1\u009b31m": "c131m", "a\nb\tc": "a b c",
		"turn\u202eed": "turned", "iso\u2066lated\u2069": "isolated", "bad\xffbytes": "bad\ufffdbytes", "👩‍👧 family": "👩‍👧 family", "del\x7f": "del",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]0;title\x07")
	f.Add("\u009b31m\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		out := clean(s)
		if !utf8.ValidString(out) {
			t.Errorf("%q is not UTF-8", out)
		}
		for _, r := range out {
			if controls(r) {
				t.Errorf("%q leaves %U", s, r)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		text    string
		columns int
		want    string
	}{
		{"", 20, ""},
		{"one two three", 20, "one two three"},
		{"one two three four five", 13, "one two three|four five"},
		{"  spaces   between  ", 20, "spaces between"},
		{"averylongwordwithoutspaces x", 10, "averylongw|ordwithout|spaces x"},
		{"日本語の文章です", 10, "日本語の文|章です"},
		{"é́é́é́é́é́é́é́é́é́é́", 10, "é́é́é́é́é́é́é́é́é́é́"}, // marks take no column
	} {
		if got := strings.Join(wrap(tc.text, tc.columns), "|"); got != tc.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", tc.text, tc.columns, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab é日👍 "))).Draw(t, "text")
		columns := rapid.IntRange(10, 40).Draw(t, "columns")
		lines := wrap(text, columns)
		for _, line := range lines {
			if columnsOf(line) > columns {
				t.Errorf("%q has more than %d columns", line, columns)
			}
		}
		if got, want := strings.Join(strings.Fields(strings.Join(lines, "")), ""), strings.Join(strings.Fields(text), ""); got != want {
			t.Errorf("%q became %q", want, got)
		}
	})
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0: "just now", time.Second: "just now", time.Minute: "1 minute ago", 59 * time.Minute: "59 minutes ago", time.Hour: "1 hour ago",
		23 * time.Hour: "23 hours ago", 24 * time.Hour: "yesterday", 49 * time.Hour: "2 days ago", 8 * 24 * time.Hour: "7 June",
		300 * 24 * time.Hour: "19 August 2025", -10 * time.Second: "in 1 minute", -90 * time.Minute: "in 2 hours", -7 * 24 * time.Hour: "in 7 days",
		-90 * 24 * time.Hour: "13 September 2026",
	} {
		if got := ago(now, now.Add(-d)); got != want {
			t.Errorf("%s ago is %q, want %q", d, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1: "-1", -1234: "-1,234", -123: "-123"} {
		if got := number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 2000: "2 kB", 12_345_678: "12.3 MB", 3_200_000_000: "3.2 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestJSONForATerminal(t *testing.T) {
	in := map[string]string{"text": "é 👍 \x1b[2J \u009b31m \u202e \x7f <b> \u2028"}
	var out bytes.Buffer
	if err := (&app{stdout: &out}).writeJSON(in); err != nil {
		t.Fatal(err)
	}
	for _, r := range strings.TrimSuffix(out.String(), "\n") {
		if controls(r) {
			t.Errorf("%U is in %q", r, out.String())
		}
	}
	var back map[string]string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["text"] != in["text"] {
		t.Errorf("read back %q, %v", back["text"], err)
	}
}

func TestATerminalIsPleasant(t *testing.T) {
	var out bytes.Buffer
	p := &printer{w: &out, fancy: true, width: 40, now: time.Now()}
	p.printf("%s %s\n", p.window(true), p.bold("Ada"))
	p.paragraph("  ", "one two three four five six seven eight nine ten\n\nnew paragraph")
	want := "\x1b[33m●\x1b[0m \x1b[1mAda\x1b[0m\n  one two three four five six seven\n  eight nine ten\n\n  new paragraph\n"
	if out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

func TestPlainAddress(t *testing.T) {
	for in, want := range map[string]string{
		"/ip4/192.168.1.5/tcp/7481/p2p/12D3KooW":          "192.168.1.5:7481 (tcp)",
		"/ip6/fd00::1/udp/7481/quic-v1/p2p/12D3KooW":      "[fd00::1]:7481 (quic)",
		"/ip4/1.2.3.4/tcp/1/p2p/12D3/p2p-circuit/p2p/12D": "/ip4/1.2.3.4/tcp/1/p2p/12D3/p2p-circuit/p2p/12D",
		"/dns4/example.org/tcp/1":                         "/dns4/example.org/tcp/1",
		"":                                                "",
		"/ip4/1.2.3.4":                                    "/ip4/1.2.3.4",
	} {
		if got := plainAddress(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
