package web

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

func TestAgo(t *testing.T) {
	now := time.Date(2026, time.March, 14, 12, 30, 0, 0, time.UTC) // a Saturday
	for want, then := range map[string]time.Time{
		"never":            {},
		"just now":         now.Add(-59 * time.Second),
		"1 minute ago":     now.Add(-time.Minute),
		"59 minutes ago":   now.Add(-time.Hour + time.Second),
		"1 hour ago":       now.Add(-time.Hour),
		"12 hours ago":     now.Add(-12 * time.Hour),
		"yesterday, 23:00": time.Date(2026, time.March, 13, 23, 0, 0, 0, time.UTC),
		"yesterday, 00:00": time.Date(2026, time.March, 13, 0, 0, 0, 0, time.UTC),
		"Thursday, 18:05":  time.Date(2026, time.March, 12, 18, 5, 0, 0, time.UTC),
		"Sunday, 09:00":    time.Date(2026, time.March, 8, 9, 0, 0, 0, time.UTC),
		"7 March":          time.Date(2026, time.March, 7, 23, 0, 0, 0, time.UTC),
		"31 December 2025": time.Date(2025, time.December, 31, 12, 0, 0, 0, time.UTC),
		"1 January":        time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := ago(then, now); got != want {
			t.Errorf("%v: got %q, want %q", then, got, want)
		}
	}
	if got := ago(now.Add(time.Hour), now); got != "just now" {
		t.Errorf("a clock that is ahead: got %q", got)
	}
	night := time.Date(2026, time.March, 14, 1, 0, 0, 0, time.UTC)
	if got := ago(night.Add(-2*time.Hour), night); got != "2 hours ago" {
		t.Errorf("across midnight: got %q", got)
	}
}

func TestInWords(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"less than a minute": 59 * time.Second,
		"1 minute":           time.Minute,
		"40 minutes":         40 * time.Minute,
		"1 hour":             time.Hour,
		"35 hours":           35 * time.Hour,
		"2 days":             37 * time.Hour,
		"7 days":             7*24*time.Hour - time.Minute,
	} {
		if got := inWords(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := inWords(-time.Hour); got != "less than a minute" {
		t.Errorf("something that is over: got %q", got)
	}
}

func TestSeen(t *testing.T) {
	now := time.Date(2026, time.March, 14, 12, 30, 0, 0, time.UTC)
	for want, p := range map[string]social.Person{
		"this is you":             {Me: true, Online: true},
		"home is on":              {Online: true, LastSeen: now.Add(-time.Hour)},
		"not seen yet":            {},
		"last here 3 hours ago":   {LastSeen: now.Add(-3 * time.Hour)},
		"last here Monday, 10:00": {LastSeen: time.Date(2026, time.March, 9, 10, 0, 0, 0, time.UTC)},
	} {
		if got := seen(p, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNames(t *testing.T) {
	many := strings.Fields("A B C D E F G H I J K L M N")
	for want, c := range map[string]struct {
		known []string
		all   int
	}{
		"Ada":              {many[:0:0], 0},
		"A":                {many[:1], 1},
		"A and B":          {many[:2], 2},
		"A, B and C":       {many[:3], 3},
		"A, B and 1 other": {many[:2], 3},
		"3 people":         {nil, 3},
		"A, B, C, D, E, F, G, H, I, J, K, L and 2 others": {many, 14},
	} {
		if want == "Ada" {
			c.known, c.all = []string{"Ada"}, 1
		}
		if got := names(c.known, c.all); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDeliveryIsTruthful(t *testing.T) {
	for _, c := range []struct {
		state    string
		have, of int
		lit, all int
		words    string
	}{
		{"", 0, 0, 0, 0, ""},
		{social.DeliveryHere, 0, 0, 0, 0, "On this computer. Nobody else is to have it yet."},
		{social.DeliveryHere, 0, 3, 0, 3, "Safe on this computer. It will reach the others when their homes are on."},
		{social.DeliverySome, 6, 8, 6, 8, "Arrived at 6 of 8 homes. It will reach the others when their homes are on."},
		{social.DeliveryAll, 1, 1, 1, 1, "Arrived at the other home"},
		{social.DeliveryAll, 2, 2, 2, 2, "Arrived at both other homes"},
		{social.DeliveryAll, 8, 8, 8, 8, "Arrived at all 8 other homes"},
		{social.DeliverySome, 1, 80, 1, 12, "Arrived at 1 of 80 homes. It will reach the others when their homes are on."},
		{social.DeliverySome, 79, 80, 11, 12, "Arrived at 79 of 80 homes. It will reach the others when their homes are on."},
		{social.DeliveryAll, 80, 80, 12, 12, "Arrived at all 80 other homes"},
	} {
		v := newDelivery(social.Delivery{State: c.state, Have: c.have, Of: c.of})
		lit := 0
		for _, on := range v.Windows {
			if on {
				lit++
			}
		}
		if lit != c.lit || len(v.Windows) != c.all || v.Words != c.words {
			t.Errorf("%d of %d: %d of %d windows are lit, %q", c.have, c.of, lit, len(v.Windows), v.Words)
		}
	}
}

func TestTonesHaveClasses(t *testing.T) {
	sheet := toneSheet()
	for colour, want := range map[string]string{
		"#000000": "tone-000", "#ffffff": "tone-fff", "#336699": "tone-369", "#1a1a1a": "tone-333", "#191919": "tone-000",
		"": "tone-none", "#12345": "tone-none", "#zzzzzz": "tone-none", `"><x>!`: "tone-none", "#+1+1+1": "tone-none",
	} {
		if got := tone(colour); got != want {
			t.Errorf("%q: got %q, want %q", colour, got, want)
		} else if got != "tone-none" && !strings.Contains(sheet, "."+got+"{") {
			t.Errorf("%s has no rule", got)
		}
	}
	if n := len(regexp.MustCompile(`\.tone-[0-9a-f]{3}\{background-color:#[0-9a-f]{3}\}`).FindAllString(sheet, -1)); n != 216 {
		t.Errorf("%d rules, want 216", n)
	}
}

func TestSmallWords(t *testing.T) {
	for want, got := range map[string]string{
		"Ö": initial("östen"), "N": initial("  nora"), "·": initial("🎈"), "7": initial("7 of us"), "李": initial("李"),
		"999 bytes": inBytes(999), "1 byte": inBytes(1), "1.3 GB": inBytes(1_284_000_000), "12 MB": inBytes(12_345_678),
		"Firefox on Linux":  browser("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
		"Safari on a Mac":   browser("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"),
		"Edge on Windows":   browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"),
		"Chrome on Android": browser("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"),
		"A browser":         browser(""),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOwnPath(t *testing.T) {
	for path, want := range map[string]string{
		"/join": "/join", "/post/a?x=1": "/post/a?x=1", "": "/", "join": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example/": "/",
		"/signin": "/", "/a\nb": "/", "/\tb": "/", "javascript:alert(1)": "/", "/%5cevil": "/%5cevil",
	} {
		if got := ownPath(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
