package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"kith/internal/access"
	"kith/internal/phone"
	"kith/internal/social"
	"kith/internal/web/qr"
)

// Phones is all that the pages ask of package phone; *phone.Door is one.
type Phones interface {
	Status(ctx context.Context) (phone.Status, error)
	Switch(ctx context.Context, on bool) (phone.Status, error)
	AskPassword(ctx context.Context, ask bool) error
	Pair(ctx context.Context, name string) (phone.Pairing, error)
	Pairing() (phone.Pairing, bool)
	Phones(ctx context.Context) ([]phone.Phone, error)
	Remove(ctx context.Context, id string) error
	Host() string
}

// phonePage is where the door to the home network is opened, and phones are paired.
type phonePage struct {
	Shell
	Way         phone.Status
	Phones      []phone.Phone
	HasPassword bool
}

func (phonePage) template() string { return "phone" }

// pairingPage shows the link that pairs a phone.
type pairingPage struct {
	Shell
	Pairing phone.Pairing
	Way     phone.Status
}

func (pairingPage) template() string { return "pairing" }

// thisPhonePage is what a phone has in the place of the settings.
type thisPhonePage struct {
	Shell
	Name string
}

func (thisPhonePage) template() string { return "this-phone" }

var errNoDoor = &social.Error{Code: social.CodeNotFound, Message: "This home has no page for phones."}

// explainPhone makes of an error of package phone one that a person can be told.
func explainPhone(err error) error {
	switch {
	case errors.Is(err, phone.ErrNoNetwork):
		return &social.Error{Code: social.CodeUnreachable, Err: err, Message: "This computer is on no home network right now, so no phone could reach it. Nothing was changed. Connect it by Wi-Fi or cable, then try again."}
	case errors.Is(err, phone.ErrOff):
		return &social.Error{Code: social.CodeNotAllowed, Err: err, Message: "The page is not open to phones right now, so none can be paired. Switch it on first."}
	case errors.Is(err, phone.ErrNeedsPassword):
		return &social.Error{Code: social.CodeBadInput, Err: err, Message: "No password is set for this home, so none can be asked for. Nothing was changed. Set one in the settings first."}
	}
	return err
}

func (s *Server) getPhone(w http.ResponseWriter, r *http.Request) error {
	return s.phoneForm(w, r, http.StatusOK, trouble{})
}

func (s *Server) phoneForm(w http.ResponseWriter, r *http.Request, status int, notice trouble) error {
	if s.phones == nil {
		return errNoDoor
	}
	shell, err := s.shell(r, "On my phone", navSettings)
	if err != nil {
		return err
	}
	shell.Notice = notice
	v := phonePage{Shell: shell}
	if v.Way, err = s.phones.Status(r.Context()); err != nil {
		return err
	}
	if v.Phones, err = s.phones.Phones(r.Context()); err != nil {
		return err
	}
	if v.HasPassword, err = s.gate.HasPassword(r.Context()); err != nil {
		return err
	}
	return s.page(w, status, v)
}

// phoneAgain shows the page with what went wrong.
func (s *Server) phoneAgain(w http.ResponseWriter, r *http.Request, err error) error {
	err = explainPhone(err)
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		return err
	}
	if errors.Is(err, phone.ErrNoNetwork) {
		t.Title = "No home network"
	}
	return s.phoneForm(w, r, t.Status, t)
}

// postPhone switches the door, or whether a password is asked for: what the form does not name stays.
func (s *Server) postPhone(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if s.phones == nil {
		return errNoDoor
	}
	switch {
	case values.Has("on"):
		on := values.Get("on") == "yes"
		if _, err := s.phones.Switch(r.Context(), on); err != nil {
			return s.phoneAgain(w, r, err)
		}
		if on {
			return s.done(w, r, "/phone", "phone-on")
		}
		return s.done(w, r, "/phone", "phone-off")
	case values.Has("ask"):
		if err := s.phones.AskPassword(r.Context(), values.Get("ask") == "yes"); err != nil {
			return s.phoneAgain(w, r, err)
		}
		return s.done(w, r, "/phone", "phone-noted")
	}
	return errFormBroken
}

func (s *Server) postPair(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if s.phones == nil {
		return errNoDoor
	}
	if _, err := s.phones.Pair(r.Context(), values.Get("name")); err != nil {
		return s.phoneAgain(w, r, err)
	}
	http.Redirect(w, r, "/phone/pairing", http.StatusSeeOther)
	return nil
}

// pairing is the link that is on the screen.
func (s *Server) pairing() (phone.Pairing, error) {
	if s.phones != nil {
		if p, ok := s.phones.Pairing(); ok {
			return p, nil
		}
	}
	return phone.Pairing{}, &social.Error{Code: social.CodeGone, Message: "This link was used or has run out."}
}

func (s *Server) getPairing(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pairing()
	if err != nil {
		http.Redirect(w, r, "/phone", http.StatusSeeOther) // the phone is in the list there, or a new link is made
		return nil
	}
	shell, err := s.shell(r, "Pair a phone", navSettings)
	if err != nil {
		return err
	}
	v := pairingPage{Shell: shell, Pairing: p}
	if v.Way, err = s.phones.Status(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store") // whoever has the link can use it
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getPairingQR(w http.ResponseWriter, _ *http.Request) error {
	p, err := s.pairing()
	if err != nil {
		return err
	}
	picture, err := qr.Encode(p.Link)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", picturePolicy)
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "no-store") // whoever has it can use the link
	_, _ = w.Write(picture)            // the browser may have gone; there is nobody left to tell
	return nil
}

func (s *Server) postRemovePhone(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if s.phones == nil {
		return errNoDoor
	}
	if err := s.phones.Remove(r.Context(), values.Get("id")); err != nil && !errors.Is(err, access.ErrNoSession) {
		return err
	}
	return s.done(w, r, "/phone", "phone-removed")
}

// getThisPhone is what a phone has in the place of the settings.
func (s *Server) getThisPhone(w http.ResponseWriter, r *http.Request) error {
	if !byPhone(r.Context()) {
		http.Redirect(w, r, "/settings", http.StatusSeeOther)
		return nil
	}
	shell, err := s.shell(r, "This phone", navSettings)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, thisPhonePage{shell, session(r.Context()).Phone})
}

// getManifest describes the pages to a browser that can put them among a device's programs (W3C Web Application Manifest). That
// works on the computer itself; over plain HTTP browsers only make a bookmark of it, with this name and picture.
func (s *Server) getManifest(w http.ResponseWriter, _ *http.Request) error {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	manifest := struct {
		Name       string `json:"name"`
		ShortName  string `json:"short_name"`
		ID         string `json:"id"`
		StartURL   string `json:"start_url"`
		Scope      string `json:"scope"`
		Display    string `json:"display"`
		Background string `json:"background_color"`
		Theme      string `json:"theme_color"`
		Icons      []icon `json:"icons"`
	}{Name: "kith", ShortName: "kith", ID: "/", StartURL: "/", Scope: "/", Display: "standalone", Background: "#faf6f0", Theme: "#faf6f0"}
	for _, i := range []struct{ name, sizes, kind string }{
		{"icons/kith-192.png", "192x192", "image/png"}, {"icons/kith-512.png", "512x512", "image/png"}, {"icons/kith.svg", "any", "image/svg+xml"},
	} {
		url, err := s.assets.url(i.name)
		if err != nil {
			return err
		}
		manifest.Icons = append(manifest.Icons, icon{Src: url, Sizes: i.sizes, Type: i.kind})
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	_, _ = w.Write(text) // the browser may have gone; there is nobody left to tell
	return nil
}
