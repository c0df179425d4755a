package calendar

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
)

// wall reads "2026-03-29 02:30" as minutes on a wall clock.
func wall(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return Wall(at)
}

// The right column was worked out by hand from the rules of each zone.
func TestMoments(t *testing.T) {
	for _, test := range []struct{ zone, shown, utc string }{
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z"}, // is jumped over: the clocks show 03:30
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25 01:59", "2026-10-24T23:59:00Z"},
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"}, // comes twice: the first
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"Europe/Berlin", "1969-12-31 23:59", "1969-12-31T22:59:00Z"},
		{"America/New_York", "2026-03-08 02:15", "2026-03-08T07:15:00Z"}, // is jumped over
		{"America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"}, // comes twice
		{"America/New_York", "2026-07-04 12:00", "2026-07-04T16:00:00Z"},
		{"Australia/Sydney", "2026-04-05 02:30", "2026-04-04T15:30:00Z"}, // comes twice; summer ends in April
		{"Australia/Sydney", "2026-10-04 02:30", "2026-10-03T16:30:00Z"}, // is jumped over
		{"Australia/Sydney", "2026-01-01 00:00", "2025-12-31T13:00:00Z"},
		{"Asia/Kathmandu", "2026-06-01 12:00", "2026-06-01T06:15:00Z"},
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z"}, // jumps by half an hour
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00:00Z"},        // the whole day was left out
		{"UTC", "2026-02-28 23:59", "2026-02-28T23:59:00Z"},
	} {
		zone, known := Zone(test.zone)
		if !known {
			t.Fatalf("%s is not known", test.zone)
		}
		got := Moment(wall(t, test.shown), zone)
		if text := got.UTC().Format(time.RFC3339); text != test.utc {
			t.Errorf("%s in %s is %s, want %s", test.shown, test.zone, text, test.utc)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "europe\x00berlin"} {
		if zone, known := Zone(name); known || zone != time.UTC {
			t.Errorf("zone %q: %v, %v", name, zone, known)
		}
	}
}

// Every minute that clocks show in a year leads there and back.
func TestMomentsAndWallsAgree(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"} {
		zone, _ := Zone(name)
		last := time.Time{}
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(7 * time.Minute) {
			shown := Wall(at.In(zone))
			back := Moment(shown, zone)
			if Wall(back) != shown || back.After(at) || at.Sub(back) > time.Hour {
				t.Fatalf("%s: %v shows %d, which is %v", name, at, shown, back)
			}
			if at.Sub(back) == 0 && back.Before(last) {
				t.Fatalf("%s: %v comes before %v", name, back, last)
			}
			last = back
		}
	}
}

func TestMonths(t *testing.T) {
	for _, test := range []struct {
		year        int
		month       time.Month
		weeks       int
		first, last string
	}{
		{2026, time.February, 5, "2026-01-26", "2026-03-01"}, {2027, time.February, 4, "2027-02-01", "2027-02-28"},
		{2026, time.March, 6, "2026-02-23", "2026-04-05"}, {2024, time.December, 6, "2024-11-25", "2025-01-05"},
	} {
		weeks := Month(test.year, test.month)
		if len(weeks) != test.weeks || weeks[0][0].Format(time.DateOnly) != test.first || weeks[len(weeks)-1][6].Format(time.DateOnly) != test.last {
			t.Errorf("%v %d: %v", test.month, test.year, weeks)
		}
	}
}

func TestBirthdays(t *testing.T) {
	for text, valid := range map[string]bool{
		"": true, "--02-29": true, "1988-02-29": true, "--12-31": true, "1989-02-29": false, "--02-30": false, "--13-01": false, "--00-00": false,
		"1879-01-01": false, "88-01-01": false, "02-29": false, "--2-29": false, "1988-2-29": false, "soon": false, "0000-01-01": false,
	} {
		b, ok := ParseBirthday(text)
		if ok != valid || ok && b.String() != text {
			t.Errorf("%q: %v, %v", text, b, ok)
		}
	}
	leap := Birthday{Year: 1988, Month: time.February, Day: 29}
	for _, test := range []struct {
		from, next string
		age        int
	}{
		{"2026-02-28", "2026-02-28", 38}, {"2026-03-01", "2027-02-28", 39}, {"2027-03-01", "2028-02-29", 40}, {"2028-02-29", "2028-02-29", 40}, {"2028-12-31", "2029-02-28", 41},
	} {
		from, err := time.Parse(time.DateOnly, test.from)
		if err != nil {
			t.Fatal(err)
		}
		if next, age := leap.Next(from); next.Format(time.DateOnly) != test.next || age != test.age {
			t.Errorf("from %s on: %v, %d", test.from, next, age)
		}
	}
	if _, age := (Birthday{Month: 5, Day: 4}).Next(time.Now()); age != 0 {
		t.Errorf("an age of %d without a year", age)
	}
}

// golden is a calendar as it has to be, byte for byte.
const golden = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kith//kith//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n" +
	"NAME:Nora\\, at home\r\nX-WR-CALNAME:Nora\\, at home\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" +
	"BEGIN:VEVENT\r\nUID:1@kith\r\nDTSTAMP:20260301T120000Z\r\nLAST-MODIFIED:20260301T120000Z\r\nSEQUENCE:12\r\n" +
	"DTSTART:20260328T220000Z\r\nDTEND:20260329T030000Z\r\nSUMMARY:A night across\\; the change\r\n" +
	"DESCRIPTION:Bring a lamp\\, and a \\\\.\\n\\nEND:VEVENT\\nÄÖÜ ÄÖÜ ÄÖÜ Ä\r\n ÖÜ ÄÖÜ ÄÖÜ ÄÖÜ.\r\n" +
	"LOCATION:The meadow\r\nURL:http://127.0.0.1:7480/post/1\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:2@kith\r\nDTSTAMP:20260301T120000Z\r\nLAST-MODIFIED:20260301T120000Z\r\nDTSTART;VALUE=DATE:20260501\r\n" +
	"DTEND;VALUE=DATE:20260504\r\nTRANSP:TRANSPARENT\r\nSUMMARY:Camp\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:3@kith\r\nDTSTAMP:20260301T120000Z\r\nLAST-MODIFIED:20260301T120000Z\r\nDTSTART;VALUE=DATE:20260228\r\n" +
	"DTEND;VALUE=DATE:20260301\r\nTRANSP:TRANSPARENT\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Ben\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:4@kith\r\nDTSTAMP:20260301T120000Z\r\nLAST-MODIFIED:20260301T120000Z\r\nDTSTART;VALUE=DATE:20240229\r\n" +
	"DTEND;VALUE=DATE:20240301\r\nTRANSP:TRANSPARENT\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\nSUMMARY:Ilse\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func entries(t *testing.T) []Entry {
	t.Helper()
	berlin, _ := Zone("Europe/Berlin")
	changed := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return []Entry{
		{UID: "1@kith", Title: "A night across; the change", Text: "Bring a lamp, and a \\.\r\n\nEND:VEVENT\r" + strings.Repeat("ÄÖÜ ", 6) + "ÄÖÜ.\x00\x1b", Place: "The meadow",
			Link: "http://127.0.0.1:7480/post/1", Start: Moment(wall(t, "2026-03-28 23:00"), berlin), End: Moment(wall(t, "2026-03-29 05:00"), berlin),
			Canceled: true, Changed: changed, Version: 12},
		{UID: "2@kith", Title: "Camp", Start: day(2026, 5, 1), End: day(2026, 5, 4), Days: true, Changed: changed},
		{UID: "3@kith", Title: "Ben", Start: day(2026, 2, 28), Days: true, Yearly: true, Changed: changed},
		{UID: "4@kith", Title: "Ilse", Start: day(2024, 2, 29), Days: true, Yearly: true, Changed: changed},
	}
}

func TestWrittenByteForByte(t *testing.T) {
	got := string(WriteICS("Nora, at home", entries(t)))
	if got != golden {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
	for i, line := range strings.Split(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n\x00\x1b") {
			t.Errorf("line %d has %d bytes: %q", i+1, len(line), line)
		}
	}
}

// Another program reads what was meant.
func TestReadByAnotherProgram(t *testing.T) {
	written := entries(t)
	read, err := ical.ParseCalendar(bytes.NewReader(WriteICS("Nora, at home", written)))
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Events()) != len(written) {
		t.Fatalf("%d events", len(read.Events()))
	}
	night := read.Events()[0]
	start, err := night.GetStartAt()
	if err != nil || !start.Equal(written[0].Start) {
		t.Errorf("it starts at %v, %v", start, err)
	}
	end, err := night.GetEndAt()
	if err != nil || end.Sub(start) != 5*time.Hour { // six by the clocks on the wall
		t.Errorf("it takes %v, %v", end.Sub(start), err)
	}
	text := night.GetProperty(ical.ComponentPropertyDescription)
	if want := "Bring a lamp, and a \\.\n\nEND:VEVENT\n" + strings.Repeat("ÄÖÜ ", 6) + "ÄÖÜ."; text == nil || ical.FromText(text.Value) != want && text.Value != want {
		t.Errorf("the text is %+v", text)
	}
	camp, err := read.Events()[1].GetAllDayStartAt()
	if err != nil || camp.Format(time.DateOnly) != "2026-05-01" {
		t.Errorf("the camp begins on %v, %v", camp, err)
	}
}

func FuzzWriteICS(f *testing.F) {
	f.Add("Harvest", "Bring\na; basket,\\", strings.Repeat("ß", 90))
	f.Fuzz(func(t *testing.T, title, text, place string) {
		out := string(WriteICS(title, []Entry{{UID: "1@kith", Title: title, Text: text, Place: place}}))
		if strings.Count(out, "\r\nBEGIN:VEVENT") != 1 || strings.Count(out, "\r\nEND:VEVENT") != 1 || strings.Contains(strings.ReplaceAll(out, "\r\n", ""), "\n") {
			t.Errorf("the text broke out: %q", out)
		}
		for line := range strings.SplitSeq(out, "\r\n") {
			if len(line) > 75 {
				t.Errorf("a line of %d bytes", len(line))
			}
		}
	})
}
