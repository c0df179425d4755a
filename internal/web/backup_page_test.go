package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

func TestBackupIsDownloaded(t *testing.T) {
	s := open(t, family(time.Now), func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) })
	s.page("/settings").one("a[href=/backup]")
	s.page("/backup").one("input[name=passphrase]")

	for name, form := range map[string]url.Values{
		"none":      {},
		"short":     {"passphrase": {"short"}, "again": {"short"}},
		"different": {"passphrase": {"four words of mine"}, "again": {"four words of hers"}},
		"both":      {"passphrase": {"four words of mine"}, "again": {"four words of mine"}, "plain": {"yes"}},
	} {
		r := s.post("/backup", form)
		if r.status != http.StatusUnprocessableEntity || r.header.Get("Content-Disposition") != "" || strings.Contains(r.body, "four words") {
			t.Errorf("%s: status %d, %v", name, r.status, r.header)
		}
	}

	r := s.post("/backup", url.Values{"passphrase": {"four words of mine"}, "again": {"four words of mine"}, "originals": {"yes"}})
	if r.status != http.StatusOK || r.header.Get("Content-Disposition") != `attachment; filename="kith-backup-2026-11-22.age"` ||
		r.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(r.body, "the whole home") {
		t.Errorf("status %d, %v, %q", r.status, r.header, r.body)
	}
	if r := s.post("/backup", url.Values{"plain": {"yes"}}); r.header.Get("Content-Disposition") != `attachment; filename="kith-backup-2026-11-22.tar"` {
		t.Errorf("without a passphrase: %v", r.header)
	}
	if r := s.get("/backup?plain=yes"); strings.Contains(r.body, "the whole home") {
		t.Error("a link made a backup")
	}

	s.home.fail["Backup"] = problem(social.CodeInternal, "The disk is full.")
	if r := s.post("/backup", url.Values{"plain": {"yes"}}); r.status != http.StatusInternalServerError || r.header.Get("Content-Disposition") != "" {
		t.Errorf("a failure: status %d, %v", r.status, r.header)
	}
}

// A download that breaks off must not look like a whole one to the browser.
func TestBackupThatFailsLateBreaksOff(t *testing.T) {
	h := family(time.Now)
	h.lateFailure = problem(social.CodeInternal, "The disk failed.")
	s := open(t, h, nil)
	r := s.request(http.MethodPost, "/backup", url.Values{"plain": {"yes"}})
	response, err := s.client.Do(r)
	if err != nil {
		return // broken off before the headers were sent
	}
	defer response.Body.Close()
	if _, err := response.Body.Read(make([]byte, 1<<10)); err == nil {
		_, err = response.Body.Read(make([]byte, 1<<10))
		if err == nil || err.Error() == "EOF" {
			t.Errorf("the answer ended as if it were whole: %v", err)
		}
	}
}
