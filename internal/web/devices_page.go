package web

import (
	"net/http"
	"net/url"
	"strings"

	"kith/internal/social"
	"kith/internal/web/qr"
)

// devicesPage is the owner's own computers.
type devicesPage struct {
	Shell
	Board deviceBoard
}

func (devicesPage) template() string { return "devices" }

// deviceBoard is the list of them, which changes while one looks at it.
type deviceBoard struct {
	Devices  []social.Device
	Gone     []social.Device // those that were removed
	Waiting  []social.Link   // codes with which a computer came and waits
	Recovery social.Recovery
	Removed  bool // this one is not among them any more
	Left     bool // by itself
}

func (deviceBoard) template() string { return "device-board" }

// Several tells that this is not the owner's only computer.
func (v deviceBoard) Several() bool { return len(v.Devices) > 1 }

func (s *Server) deviceBoard(r *http.Request) (deviceBoard, error) {
	var v deviceBoard
	list, err := s.home.Devices(r.Context())
	if err != nil {
		return v, err
	}
	for _, d := range list {
		if d.Removed {
			v.Gone = append(v.Gone, d)
			v.Removed, v.Left = v.Removed || d.This, v.Left || d.This && d.Left
		} else {
			v.Devices = append(v.Devices, d)
		}
	}
	links, err := s.home.Links(r.Context())
	if err != nil {
		return v, err
	}
	for _, l := range links {
		if l.State == social.LinkAsking {
			v.Waiting = append(v.Waiting, l)
		}
	}
	v.Recovery, err = s.home.Recovery(r.Context())
	return v, err
}

func (s *Server) getDevices(w http.ResponseWriter, r *http.Request) error {
	return s.devices(w, r, http.StatusOK, trouble{})
}

func (s *Server) devices(w http.ResponseWriter, r *http.Request, status int, notice trouble) error {
	shell, err := s.shell(r, "Your computers", navSettings)
	if err != nil {
		return err
	}
	shell.Notice = notice
	board, err := s.deviceBoard(r)
	if err != nil {
		return err
	}
	return s.page(w, status, devicesPage{shell, board})
}

// devicesAgain shows the page with what went wrong.
func (s *Server) devicesAgain(w http.ResponseWriter, r *http.Request, err error) error {
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		return err
	}
	return s.devices(w, r, t.Status, t)
}

func (s *Server) getDevicesFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.deviceBoard(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// linkPage is a code that links a further computer.
type linkPage struct {
	Shell
	Link linkCard
}

func (linkPage) template() string { return "link" }

// linkCard is the code, and how far its use has come.
type linkCard struct {
	social.Link
}

func (linkCard) template() string { return "link-card" }

// Spaced is the number in two groups, as people read numbers to one another.
func (l linkCard) Spaced() string { return spaced(l.Number) }

func spaced(number string) string {
	if len(number) != 6 {
		return number
	}
	return number[:3] + " " + number[3:]
}

func (s *Server) postLink(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	link, err := s.home.Link(r.Context())
	if err != nil {
		return s.devicesAgain(w, r, err)
	}
	http.Redirect(w, r, "/link/"+url.PathEscape(link.ID), http.StatusSeeOther)
	return nil
}

// link finds the code that a request names.
func (s *Server) link(r *http.Request) (linkCard, error) {
	links, err := s.home.Links(r.Context())
	if err != nil {
		return linkCard{}, err
	}
	for _, link := range links {
		if link.ID == r.PathValue("id") {
			return linkCard{link}, nil
		}
	}
	return linkCard{}, &social.Error{Code: social.CodeNotFound, Message: "There is no such code any more. You can make a new one at any time."}
}

func (s *Server) getLink(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Link a computer", navSettings)
	if err != nil {
		return err
	}
	link, err := s.link(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store") // the code is a secret while it works
	return s.page(w, http.StatusOK, linkPage{shell, link})
}

func (s *Server) getLinkFragment(w http.ResponseWriter, r *http.Request) error {
	link, err := s.link(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.part(w, http.StatusOK, link)
}

// getLinkQR draws the code.
func (s *Server) getLinkQR(w http.ResponseWriter, r *http.Request) error {
	link, err := s.link(r)
	if err != nil {
		return err
	}
	if link.State != social.LinkOpen {
		return &social.Error{Code: social.CodeGone, Message: "This code can’t be used any more, so there is no picture of it."}
	}
	picture, err := qr.Encode(link.Code)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", picturePolicy)
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(picture) // the browser may have gone; there is nobody left to tell
	return nil
}

// postLinkAnswer says whether the numbers are the same.
func (s *Server) postLinkAnswer(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	same := values.Get("same") == "yes"
	if !same && values.Get("same") != "no" {
		return errFormBroken
	}
	if err := s.home.AnswerLink(r.Context(), r.PathValue("id"), same); err != nil {
		return err
	}
	if same {
		return s.done(w, r, "/devices", "linked")
	}
	return s.done(w, r, "/devices", "link-refused")
}

func (s *Server) postRenameDevice(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.RenameDevice(r.Context(), r.PathValue("id"), strings.TrimSpace(values.Get("name"))); err != nil {
		return s.devicesAgain(w, r, err)
	}
	return s.done(w, r, "/devices", "renamed")
}

// removePage asks whether a computer is to be removed, and for the recovery words where they are needed.
type removePage struct {
	Shell
	Device social.Device
}

func (removePage) template() string { return "remove-device" }

func (s *Server) getRemoveDevice(w http.ResponseWriter, r *http.Request) error {
	return s.removeForm(w, r, http.StatusOK, trouble{})
}

func (s *Server) removeForm(w http.ResponseWriter, r *http.Request, status int, notice trouble) error {
	list, err := s.home.Devices(r.Context())
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.ID != r.PathValue("id") || d.Removed || d.This {
			continue
		}
		shell, err := s.shell(r, "Remove “"+d.Name+"”?", navSettings)
		if err != nil {
			return err
		}
		shell.Notice = notice
		w.Header().Set("Cache-Control", "no-store")
		return s.page(w, status, removePage{shell, d})
	}
	return &social.Error{Code: social.CodeNotFound, Message: "There is no such computer among yours, or it was removed already."}
}

func (s *Server) postRemoveDevice(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.RemoveDevice(r.Context(), r.PathValue("id"), strings.TrimSpace(values.Get("words"))); err != nil {
		t := explain(err)
		if t.Status == http.StatusInternalServerError || t.Status == http.StatusNotFound {
			return err
		}
		return s.removeForm(w, r, t.Status, t) // without the words: they are typed again
	}
	return s.done(w, r, "/devices", "device-removed")
}

// postFindFriend finds a further friend by their code, after the owner came back.
func (s *Server) postFindFriend(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.Recover(r.Context(), social.RecoverOptions{Help: strings.TrimSpace(values.Get("help"))}); err != nil {
		return s.devicesAgain(w, r, err)
	}
	return s.done(w, r, "/devices", "friend-found")
}

// helpPage is a code for a friend who comes back with their recovery words.
type helpPage struct {
	Shell
	Help social.Help
}

func (helpPage) template() string { return "help" }

// postHelp makes the code. It takes a form, because a code is made, and none should lie around.
func (s *Server) postHelp(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	help, err := s.home.Help(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	shell, err := s.shell(r, "Help "+help.Person.Name+" come back", navFriends)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.page(w, http.StatusOK, helpPage{shell, help})
}

// noticeBoard is what happened by itself and was not put away.
type noticeBoard struct {
	Notices []social.Notice
}

func (noticeBoard) template() string { return "notices" }

func (s *Server) notices(r *http.Request) (noticeBoard, error) {
	list, err := s.home.Notices(r.Context())
	return noticeBoard{list}, err
}

func (s *Server) getNoticesFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.notices(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) postDropNotice(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.home.DropNotice(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/", "put-away")
}
