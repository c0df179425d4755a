package web

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"kith/internal/social"
)

// linkingPage is the other way to begin: this computer becomes a further one of somebody who uses kith already.
type linkingPage struct {
	bare
	Mark    string
	Code    string
	Name    string
	Reach   string
	Linking linkingCard
	Trouble trouble
}

func (linkingPage) template() string { return "linking" }

// linkingCard is how far that has come.
type linkingCard struct {
	social.Linking
}

func (linkingCard) template() string { return "linking-card" }

// Spaced is the number in two groups.
func (l linkingCard) Spaced() string { return spaced(l.Number) }

// UnderWay tells whether there is something to wait for.
func (l linkingCard) UnderWay() bool {
	return l.State == social.LinkingTrying || l.State == social.LinkingWaiting
}

// begun sends a browser on whose home has begun. It tells whether it did.
func (s *Server) begun(w http.ResponseWriter, r *http.Request) (bool, error) {
	started, err := s.home.Started(r.Context())
	if started {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
	return started, err
}

// getLinking shows the form, or how far it has come. The link of a code leads here: /welcome/link#CODE.
func (s *Server) getLinking(w http.ResponseWriter, r *http.Request) error {
	if begun, err := s.begun(w, r); begun || err != nil {
		return err
	}
	return s.linkingForm(w, r, http.StatusOK, linkingPage{Reach: social.ReachInternet})
}

func (s *Server) linkingForm(w http.ResponseWriter, r *http.Request, status int, v linkingPage) error {
	v.Title, v.Mark = "Link this computer", s.hub.mark()
	linking, err := s.home.Linking(r.Context())
	if err != nil {
		return err
	}
	v.Linking = linkingCard{linking}
	w.Header().Set("Cache-Control", "no-store") // the code is a secret while it works
	return s.page(w, status, v)
}

func (s *Server) getLinkingFragment(w http.ResponseWriter, r *http.Request) error {
	linking, err := s.home.Linking(r.Context())
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, linkingCard{linking})
}

func (s *Server) postLinking(w http.ResponseWriter, r *http.Request) error {
	if begun, err := s.begun(w, r); begun || err != nil {
		return err
	}
	found := ""
	values, err := readFiles(r, func(_ url.Values, field string, file *multipart.Part) error {
		code, err := s.readQR(r, file)
		found = code
		return err
	})
	v := linkingPage{Code: strings.TrimSpace(values.Get("code")), Name: strings.TrimSpace(values.Get("name")), Reach: values.Get("reach")}
	if found != "" {
		v.Code = found
	}
	if err == nil {
		_, err = s.home.JoinDevice(r.Context(), social.JoinOptions{Code: v.Code, Name: v.Name, Reach: v.Reach})
	}
	if err == nil {
		http.Redirect(w, r, "/welcome/link", http.StatusSeeOther)
		return nil
	}
	v.Trouble = explain(err)
	if v.Trouble.Status == http.StatusInternalServerError {
		return err
	}
	v.Code = v.Code[:min(len(v.Code), maxCode)]
	return s.linkingForm(w, r, v.Trouble.Status, v)
}

func (s *Server) postStopLinking(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if begun, err := s.begun(w, r); begun || err != nil {
		return err
	}
	if err := s.home.StopLinking(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/welcome/link", http.StatusSeeOther)
	return nil
}

// returnPage is where somebody comes back with their recovery words.
type returnPage struct {
	bare
	Help    string
	Name    string
	Reach   string
	Keep    bool
	Trouble trouble
}

func (returnPage) template() string { return "return" }

func (s *Server) getReturn(w http.ResponseWriter, r *http.Request) error {
	if begun, err := s.begun(w, r); begun || err != nil {
		return err
	}
	return s.returnForm(w, http.StatusOK, returnPage{Reach: social.ReachInternet})
}

func (s *Server) returnForm(w http.ResponseWriter, status int, v returnPage) error {
	v.Title = "Come back"
	w.Header().Set("Cache-Control", "no-store")
	return s.page(w, status, v)
}

func (s *Server) postReturn(w http.ResponseWriter, r *http.Request) error {
	if begun, err := s.begun(w, r); begun || err != nil {
		return err
	}
	values, err := readForm(r)
	if err != nil {
		return err
	}
	v := returnPage{
		Help: strings.TrimSpace(values.Get("help")), Name: strings.TrimSpace(values.Get("name")), Reach: values.Get("reach"),
		Keep: values.Get("keep") != "",
	}
	err = s.home.Recover(r.Context(), social.RecoverOptions{
		Words: values.Get("words"), Help: v.Help, Name: v.Name, Reach: v.Reach, KeepDevices: v.Keep,
	})
	if err == nil {
		http.Redirect(w, r, "/?said=returned", http.StatusSeeOther)
		return nil
	}
	v.Trouble = explain(err)
	if v.Trouble.Status == http.StatusInternalServerError {
		return err
	}
	v.Help = v.Help[:min(len(v.Help), maxCode)]
	return s.returnForm(w, v.Trouble.Status, v)
}
