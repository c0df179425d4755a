package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"kith/internal/access"
	"kith/internal/phone"
	"kith/internal/social"
)

// Phones is the door to the home network; *phone.Door is one.
type Phones interface {
	Status(ctx context.Context) (phone.Status, error)
	Switch(ctx context.Context, on bool) (phone.Status, error)
	AskPassword(ctx context.Context, ask bool) error
	Pair(ctx context.Context, name string) (phone.Pairing, error)
	Phones(ctx context.Context) ([]phone.Phone, error)
	Remove(ctx context.Context, id string) error
}

// The bodies of requests.
type (
	phoneChange struct {
		On          *bool `json:"on,omitempty"` // what is not given stays
		AskPassword *bool `json:"ask_password,omitempty"`
	}
	newPairing struct {
		Name string `json:"name"`
	}
)

func (s *Server) phoneRoutes() []route {
	if s.Phone == nil {
		return nil
	}
	return []route{
		{"GET phone", read(s.Phone.Status)},
		{"PUT phone", s.changePhone},
		{"POST phone/pairing", s.pairPhone},
		{"GET phones", read(s.Phone.Phones)},
		{"DELETE phones/{id}", s.removePhone},
	}
}

func (s *Server) changePhone(w http.ResponseWriter, r *http.Request) (any, error) {
	var body phoneChange
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if body.AskPassword != nil {
		if err := s.Phone.AskPassword(r.Context(), *body.AskPassword); err != nil {
			return nil, explainPhone(err)
		}
	}
	if body.On != nil {
		if _, err := s.Phone.Switch(r.Context(), *body.On); err != nil {
			return nil, explainPhone(err)
		}
	}
	return s.Phone.Status(r.Context())
}

func (s *Server) pairPhone(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newPairing
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	p, err := s.Phone.Pair(r.Context(), body.Name)
	if err != nil {
		return nil, explainPhone(err)
	}
	return p, nil
}

func (s *Server) removePhone(_ http.ResponseWriter, r *http.Request) (any, error) {
	return nil, explainPhone(s.Phone.Remove(r.Context(), r.PathValue("id")))
}

// explainPhone makes of an error of package phone one that a person can be told.
func explainPhone(err error) error {
	switch {
	case errors.Is(err, phone.ErrNoNetwork):
		return &social.Error{Code: social.CodeUnreachable, Err: err, Message: "This computer is on no home network right now, so no phone could reach it. Nothing was changed. Connect it by Wi-Fi or cable, then try again."}
	case errors.Is(err, phone.ErrOff):
		return &social.Error{Code: social.CodeNotAllowed, Err: err, Message: "The page is not open to phones right now. Switch it on first, by kith phone on; kith phone says how it stands."}
	case errors.Is(err, phone.ErrNeedsPassword):
		return &social.Error{Code: social.CodeBadInput, Err: err, Message: "No password is set for this home, so none can be asked for. Nothing was changed. kith password sets one."}
	case errors.Is(err, access.ErrNoSession):
		return &social.Error{Code: social.CodeNotFound, Err: err, Message: "There is no such phone any more. kith phone list shows those that are paired."}
	}
	return err
}

// Phone tells how it is with the door to the home network.
func (c *Client) Phone(ctx context.Context) (phone.Status, error) {
	return get[phone.Status](ctx, c, "phone")
}

// ChangePhone opens or shuts the door, and sets whether pairing asks for the password. nil leaves as it is.
func (c *Client) ChangePhone(ctx context.Context, on, askPassword *bool) (phone.Status, error) {
	return ask[phone.Status](ctx, c, http.MethodPut, "phone", phoneChange{on, askPassword})
}

// PairPhone makes a link that pairs one phone.
func (c *Client) PairPhone(ctx context.Context, name string) (phone.Pairing, error) {
	return ask[phone.Pairing](ctx, c, http.MethodPost, "phone/pairing", newPairing{name})
}

// Phones lists the phones that are paired.
func (c *Client) Phones(ctx context.Context) ([]phone.Phone, error) {
	return get[[]phone.Phone](ctx, c, "phones")
}

// RemovePhone ends the pairing of a phone.
func (c *Client) RemovePhone(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "phones/"+url.PathEscape(id), nil)
}
