package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"kith/internal/social"
	"kith/internal/web/qr"
)

// Safekeeper tells who sees what, and that somebody is who they seem.
type Safekeeper interface {
	Privacy(ctx context.Context) (social.Privacy, error)
	Safety(ctx context.Context, person string) (social.Safety, error)
	Verify(ctx context.Context, person string, on bool) error
}

// privacyPage is who sees what.
type privacyPage struct {
	Shell
	Profile social.Profile
	Circles []circleView
	Devices []social.Device
}

func (privacyPage) template() string { return "privacy" }

// circleView is a circle with what it sees, in words.
type circleView struct {
	social.Circle
	Sees   string
	Change string // the address where it is changed; empty where nothing is to be changed
	How    string // what the link says
}

func newCircleView(circle social.Circle) circleView {
	v := circleView{Circle: circle}
	id := url.PathEscape(circle.Space)
	switch {
	case circle.Chat:
		v.Sees, v.Change, v.How = "The messages of this chat, and who is in it.", "/chats/"+id, "Open the chat"
	case circle.Kind == social.AudienceFriends:
		v.Sees = "What you post to your friends, and every comment and reaction under it. Your friends see one another there."
		v.Change, v.How = "/friends", "Your friends"
	case circle.Kind == social.AudienceList:
		v.Sees = "What you post to this list, and who else is on it. Its name and colour are yours alone."
		v.Change, v.How = "/lists/"+id, "Change the list"
	case circle.Kind == social.AudienceGroup:
		v.Sees = "What you write in this group, and that you are in it."
		if circle.Closed {
			v.Sees = "What was written here. The group is closed: nothing new comes."
		}
		v.Change, v.How = "/groups/"+id+"/people", "Who is in it"
	default:
		v.Sees = "Posts that you keep for yourself. Only your own computers hold them."
	}
	return v
}

func (s *Server) getPrivacy(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Who sees what", navSettings)
	if err != nil {
		return err
	}
	privacy, err := s.home.Privacy(r.Context())
	if err != nil {
		return err
	}
	v := privacyPage{Shell: shell, Profile: privacy.Profile, Devices: privacy.Devices}
	for _, circle := range privacy.Circles {
		v.Circles = append(v.Circles, newCircleView(circle))
	}
	return s.page(w, http.StatusOK, v)
}

// safetyPage is where the safety number with somebody is compared.
type safetyPage struct {
	Shell
	Safety social.Safety
}

func (safetyPage) template() string { return "safety" }

func (s *Server) getSafety(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Safety number", "")
	if err != nil {
		return err
	}
	safety, err := s.home.Safety(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	shell.Title = "Safety number with " + safety.Person.Name
	return s.page(w, http.StatusOK, safetyPage{shell, safety})
}

// getSafetyQR is the number as a picture: a phone's camera reads the digits from it.
func (s *Server) getSafetyQR(w http.ResponseWriter, r *http.Request) error {
	safety, err := s.home.Safety(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	picture, err := qr.Encode(strings.Join(safety.Groups, " "))
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

func (s *Server) postVerify(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, on := r.PathValue("id"), values.Get("on") != "no"
	if err := s.home.Verify(r.Context(), id, on); err != nil {
		return err
	}
	where := "/people/" + url.PathEscape(id)
	if on {
		return s.done(w, r, where, "verified")
	}
	return s.done(w, r, where, "unverified")
}
