package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

const (
	plainWidth  = 78  // columns of what is not written to a terminal
	widestLine  = 100 // columns at most, since nobody likes to read wider lines
	narrowWidth = 30
)

// printer writes for people: with emphasis and times as people say them on a terminal, plainly into a pipe or a file.
type printer struct {
	w     io.Writer
	fancy bool
	width int
	now   time.Time
	err   error // of the first write that failed; later ones do nothing
}

// printer returns a printer on the standard output.
func (a *app) printer() *printer {
	p := &printer{w: a.stdout, width: plainWidth, now: time.Now()}
	if f, ok := a.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.fancy = a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			p.width = min(max(columns-1, narrowWidth), widestLine)
		}
	}
	return p
}

// asks reports whether there is a person at the other end to be asked.
func (a *app) asks() bool {
	in, ok := a.stdin.(*os.File)
	return ok && term.IsTerminal(int(in.Fd()))
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// The styles of a terminal (ECMA-48, "select graphic rendition").
func (p *printer) bold(s string) string { return p.style("1", s) }
func (p *printer) dim(s string) string  { return p.style("2", s) }
func (p *printer) lit(s string) string  { return p.style("33", s) } // ember, as near as terminals have it

func (p *printer) style(code, s string) string {
	if !p.fancy || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// window is a friend's home in one character: lit or dark.
func (p *printer) window(on bool) string {
	if on {
		return p.lit("●")
	}
	return "○"
}

// paragraph writes text from elsewhere, wrapped, each line after an indent.
func (p *printer) paragraph(indent, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		for _, l := range wrap(clean(line), p.width-len(indent)) {
			p.printf("%s\n", strings.TrimRight(indent+l, " "))
		}
	}
}

// when says a time as people do, or on paper as a date and time.
func (p *printer) when(t time.Time) string {
	switch t = t.Local(); {
	case t.IsZero():
		return "never"
	case !p.fancy:
		return t.Format("2006-01-02 15:04")
	}
	return ago(p.now, t)
}

// ago says how long ago t was, or when it will be.
func ago(now, t time.Time) string {
	d := now.Sub(t)
	if d < 0 {
		d = -d
		switch {
		case d < time.Hour:
			return "in " + count(int(d/time.Minute)+1, "minute")
		case d < 48*time.Hour:
			return "in " + count(int((d+30*time.Minute)/time.Hour), "hour")
		case d < 30*24*time.Hour:
			return "in " + count(int((d+12*time.Hour)/(24*time.Hour)), "day")
		}
		return t.Format("2 January 2006")
	}
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(int(d/time.Minute), "minute") + " ago"
	case d < 24*time.Hour:
		return count(int(d/time.Hour), "hour") + " ago"
	case d < 48*time.Hour:
		return "yesterday"
	case d < 7*24*time.Hour:
		return count(int(d/(24*time.Hour)), "day") + " ago"
	case t.Year() == now.Year():
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// count says a number of things: "1 friend", "1,234 friends".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return number(n) + " " + thing
}

// number writes a number with commas between the thousands.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes a number of bytes as people say it.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// short is how an ID is shown: enough of it to be told apart, and to be typed.
func short(id string) string { return id[:min(len(id), shortID)] }

// shortID is how many characters of an ID are shown. With eight hexadecimal digits, two of ten thousand entries are the
// same with a chance of about one in a hundred; the command then asks for more of them.
const shortID = 8

// clean makes text from elsewhere safe to write to a terminal: characters that control the terminal, or that turn the
// direction of the text around them, are taken out. Line breaks become spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case controls(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// controls reports whether a character does something other than being seen.
func controls(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// wrap breaks a line between words so that each part has at most columns columns. A word that is longer is broken.
func wrap(line string, columns int) []string {
	columns = max(columns, 10)
	var lines []string
	var current strings.Builder
	used := 0
	flush := func() {
		lines = append(lines, current.String())
		current.Reset()
		used = 0
	}
	for word := range strings.FieldsSeq(line) {
		w := columnsOf(word)
		if used > 0 && used+1+w > columns {
			flush()
		}
		if used > 0 {
			current.WriteByte(' ')
			used++
		}
		for _, r := range word {
			c := columnsOfRune(r)
			if used+c > columns {
				flush()
			}
			current.WriteRune(r)
			used += c
		}
	}
	flush()
	return lines
}

func columnsOf(s string) (n int) {
	for _, r := range s {
		n += columnsOfRune(r)
	}
	return n
}

// columnsOfRune is how wide a terminal draws a character: wide ones, most emoji among them, take two columns.
func columnsOfRune(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pad fills a text with spaces to a number of columns.
func pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-columnsOf(s)))
}

// writeJSON writes a value as one line of JSON.
func (a *app) writeJSON(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	// JSON may hold any character from 0x80 on. Those that a terminal would act on are written as escapes instead, which
	// mean the same.
	safe := make([]byte, 0, len(text)+1)
	for _, r := range string(text) {
		if r >= 0x7f && controls(r) {
			safe = fmt.Appendf(safe, `\u%04x`, r)
		} else {
			safe = append(safe, string(r)...)
		}
	}
	_, err = a.stdout.Write(append(safe, '\n'))
	return err
}
