package web

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kith/internal/social"
)

// words are the functions that templates may call. None of them returns HTML but rich, teaser, told and hint, which build it in
// richtext.go.
func (s *Server) words() template.FuncMap {
	return template.FuncMap{
		"ago":     func(t time.Time) string { return ago(t, s.now()) },
		"left":    func(t time.Time) string { return inWords(t.Sub(s.now())) },
		"exact":   exact,
		"iso":     iso,
		"seen":    func(p social.Person) string { return seen(p, s.now()) },
		"count":   count,
		"initial": initial,
		"hue":     hue,
		"tone":    tone,
		"rich":    func(text string) template.HTML { return rich(text, nil) },
		"teaser":  func(text string) template.HTML { return rich(cut(text), nil) },
		"told":    rich,
		"hint":    func(text string, mentions []social.Mention) template.HTML { return rich(cut(text), mentions) },
		"long":    long,
		"bytes":   inBytes,
		"stay":    stayWords,
		"browser": browser,
		"static":  s.assets.url,
	}
}

// ago says when something was, as people say it. js/time.js says the same in the same words; a test compares them.
func ago(t, now time.Time) string {
	t = t.In(now.Location())
	passed := now.Sub(t)
	switch days := daysBetween(t, now); {
	case t.IsZero():
		return "never"
	case passed < time.Minute:
		return "just now"
	case passed < time.Hour:
		return count(int(passed/time.Minute), "minute", "minutes") + " ago"
	case days == 0 || passed < 6*time.Hour:
		return count(int(passed/time.Hour), "hour", "hours") + " ago"
	case days == 1:
		return "yesterday, " + t.Format("15:04")
	case days < 7:
		return t.Format("Monday, 15:04")
	case t.Year() == now.Year():
		return t.Format("2 January")
	default:
		return t.Format("2 January 2006")
	}
}

// daysBetween counts the midnights between two moments in the same time zone.
func daysBetween(a, b time.Time) int {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(midnight(b).Sub(midnight(a)) / (24 * time.Hour))
}

// inWords says how long something takes or lasts: "6 days", "1 hour". It rounds to what matters.
func inWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return count(int(math.Round(d.Minutes())), "minute", "minutes")
	case d < 36*time.Hour:
		return count(int(math.Round(d.Hours())), "hour", "hours")
	default:
		return count(int(math.Round(d.Hours()/24)), "day", "days")
	}
}

// exact is a moment to the minute, for the tooltip.
func exact(t time.Time) string { return t.Local().Format("Monday, 2 January 2006, 15:04") }

// iso is a moment for machines (RFC 3339).
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// seen says whether somebody's home is on, or when it last was.
func seen(p social.Person, now time.Time) string {
	switch {
	case p.Me:
		return "this is you"
	case p.Online:
		return "home is on"
	case p.LastSeen.IsZero():
		return "not seen yet"
	default:
		return "last here " + ago(p.LastSeen, now)
	}
}

// count puts a number before its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// initial is what stands for a face that has no picture: the first letter of the name.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}

// hues is the number of colours for faces without a picture; css/face.css has as many.
const hues = 10

// hue gives everybody a colour that stays.
func hue(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return int(h.Sum32() % hues)
}

// tone is the class of the colour that holds a photo's place until it is there. Styles inside the HTML are forbidden, so
// the colour is rounded to one of 216, each of which has a class in the style sheet (see assets.go).
func tone(colour string) string {
	if len(colour) != 7 || colour[0] != '#' {
		return "tone-none"
	}
	var name strings.Builder
	name.WriteString("tone-")
	for i := 1; i < 7; i += 2 {
		v, err := strconv.ParseUint(colour[i:i+2], 16, 8)
		if err != nil {
			return "tone-none"
		}
		name.WriteByte(toneSteps[(int(v)+25)/51])
	}
	return name.String()
}

// toneSteps are the six values of each of red, green and blue, as a short CSS colour spells them.
const toneSteps = "0369cf"

// inBytes says how much disk something takes.
func inBytes(n int64) string {
	const step = 1000
	if n < step {
		return count(int(n), "byte", "bytes")
	}
	value, units := float64(n), []string{"kB", "MB", "GB", "TB"}
	unit := -1
	for value >= step && unit < len(units)-1 {
		value /= step
		unit++
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}

// longText is from how many bytes on a text is cut short in a feed. The whole is one click away.
const longText = 1000

// long reports whether teaser cuts a text.
func long(text string) bool { return len(text) > longText }

// cut shortens a text to at most longText bytes, at the end of a word where there is one.
func cut(text string) string {
	if !long(text) {
		return text
	}
	end := longText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	if space := strings.LastIndexFunc(text[:end], unicode.IsSpace); space > end/2 {
		end = space
	}
	return strings.TrimRightFunc(text[:end], unicode.IsSpace) + " …"
}

// browser names a browser from what it calls itself, well enough to tell one's own apart.
func browser(userAgent string) string {
	name := "A browser"
	for _, known := range []struct{ mark, name string }{
		{"Firefox/", "Firefox"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	} {
		if strings.Contains(userAgent, known.mark) {
			name = known.name
			break
		}
	}
	for _, known := range []struct{ mark, name string }{
		{"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "a Mac"}, {"CrOS", "a Chromebook"}, {"Linux", "Linux"},
	} {
		if strings.Contains(userAgent, known.mark) {
			return name + " on " + known.name
		}
	}
	return name
}
