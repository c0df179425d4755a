package social

import (
	"context"
	"strings"
	"unicode/utf8"

	"kith/internal/calendar"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/p2p"
	"kith/internal/sqlite"
)

// Profile is what the owner says of themselves.
func (h *Home) Profile(ctx context.Context) (Profile, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Profile{}, explain("read the profile", err)
	}
	me := h.node.Person()
	shown := Profile{Person: Person{ID: me.String(), Name: p.Name, About: p.About, Birthday: p.Birthday, Me: true, Online: true}, Reach: h.node.Reach().String()}
	if len(p.Picture) > 0 {
		shown.Picture = facePath(me)
	}
	return shown, nil
}

// EditProfile changes what the owner says of themselves, everywhere: the new card goes to their own wall and to every
// friend's on which they have shown one.
func (h *Home) EditProfile(ctx context.Context, edit ProfileEdit) error {
	p, err := h.profile(ctx)
	if err != nil {
		return explain("edit the profile", err)
	}
	if p.Name, err = cleanName(edit.Name); err != nil {
		return err
	}
	if p.About = cleanText(edit.About); len(p.About) > content.MaxAbout || utf8.RuneCountInString(p.About) > content.MaxAbout {
		return fail(CodeTooLarge, "What you say of yourself is too long. A few lines fit.", nil)
	}
	if p.Birthday, err = readBirthday(edit.Birthday); err != nil {
		return err
	}
	if edit.Picture != nil {
		if p.Picture, err = portrait(ctx, edit.Picture); err != nil {
			return err
		}
	} else if edit.RemovePicture {
		p.Picture = nil
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if _, err := w.Items(p.Wall, p.card()); err != nil {
			return err
		}
		return h.share(w, recordsProfile, recordsProfile, p)
	})
	if err != nil {
		return explain("edit the profile", err)
	}
	friends, err := recordsByID[friendRecord](ctx, h.db, sqlite.Shared(recordsFriends))
	if err != nil {
		return explain("edit the profile", err)
	}
	for person, record := range friends {
		record.Carded = false
		if err := h.showCard(ctx, p, person, record); err != nil {
			return explain("show the new profile", err)
		}
		if !record.Carded { // it follows when their wall can be written
			if err := h.shareNow(ctx, recordsFriends, person, record); err != nil {
				return explain("edit the profile", err)
			}
		}
	}
	return explain("show the new profile", h.refreshCards(ctx, p))
}

// SetReach changes where friends can reach this home, at once.
func (h *Home) SetReach(ctx context.Context, reach string) error {
	if err := checkReach(reach); err != nil {
		return err
	}
	if _, err := h.me(); err != nil {
		return err
	}
	return explain("change the reach", h.node.SetReach(ctx, networkReach(reach)))
}

func checkReach(reach string) error {
	if reach != ReachHome && reach != ReachInternet {
		return fail(CodeBadInput, "Choose where your friends can reach you: on your home network only, or over the internet too.", nil)
	}
	return nil
}

func networkReach(reach string) p2p.Reach {
	if reach == ReachInternet {
		return p2p.Internet
	}
	return p2p.HomeOnly
}

// Status is the state of the home in figures and a few words.
func (h *Home) Status(ctx context.Context) (Status, error) {
	s := Status{
		Folder: h.cfg.Folder, Page: h.cfg.Page, Version: h.cfg.Version, Since: h.cfg.Since, Reach: h.node.Reach().String(),
		Addresses: h.node.NetworkAddresses(),
	}
	counts, err := h.db.Counts(ctx)
	if err != nil {
		return Status{}, explain("count", err)
	}
	s.Own = counts.Own
	s.Entries, s.Blobs, s.Wanted, s.DiskBytes = counts.Entries, counts.Blobs, counts.Wanted, counts.Bytes
	if h.node.Person().IsZero() {
		return s, nil
	}
	s.Removed = h.node.Removed()
	profile, err := h.Profile(ctx)
	if err != nil {
		return Status{}, err
	}
	s.Name, s.Person = profile.Name, profile.ID
	friends, err := h.Friends(ctx)
	if err != nil {
		return Status{}, err
	}
	s.Friends = len(friends)
	for _, friend := range friends {
		if friend.Online {
			s.Online++
		}
	}
	return s, nil
}

// readBirthday checks a birthday as somebody gave it.
func readBirthday(text string) (string, error) {
	born, ok := calendar.ParseBirthday(strings.TrimSpace(text))
	if !ok {
		return "", fail(CodeBadInput, "There is no such day. Choose a day and a month, and the year if you like. Nothing was changed.", nil)
	}
	return born.String(), nil
}
