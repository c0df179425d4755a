package api

import (
	"context"
	"net/http"
	"net/url"

	"kith/internal/social"
)

func (s *Server) renameDevice(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newDeviceName
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.RenameDevice(r.Context(), r.PathValue("id"), body.Name)
}

func (s *Server) removeDevice(w http.ResponseWriter, r *http.Request) (any, error) {
	var body deviceRemoval
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.RemoveDevice(r.Context(), r.PathValue("id"), body.Words)
}

func (s *Server) leaveDevices(_ http.ResponseWriter, r *http.Request) (any, error) {
	return nil, s.Home.LeaveDevices(r.Context())
}

func (s *Server) answerLink(w http.ResponseWriter, r *http.Request) (any, error) {
	var body inviteAnswer
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.AnswerLink(r.Context(), r.PathValue("id"), body.Yes)
}

func (s *Server) joinDevice(w http.ResponseWriter, r *http.Request) (any, error) {
	var body social.JoinOptions
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.JoinDevice(r.Context(), body)
}

func (s *Server) stopLinking(_ http.ResponseWriter, r *http.Request) (any, error) {
	return nil, s.Home.StopLinking(r.Context())
}

func (s *Server) recover(w http.ResponseWriter, r *http.Request) (any, error) {
	var body social.RecoverOptions
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if err := s.Home.Recover(r.Context(), body); err != nil {
		return nil, err
	}
	return s.Home.Profile(r.Context())
}

// Devices returns the owner's devices.
func (c *Client) Devices(ctx context.Context) ([]social.Device, error) {
	return get[[]social.Device](ctx, c, "devices")
}

// RenameDevice gives a device another name.
func (c *Client) RenameDevice(ctx context.Context, id, name string) error {
	return c.do(ctx, http.MethodPut, "devices/"+url.PathEscape(id)+"/name", newDeviceName{name})
}

// RemoveDevice shuts out a device. Words are the recovery words, if they are needed.
func (c *Client) RemoveDevice(ctx context.Context, id, words string) error {
	return c.do(ctx, http.MethodPost, "devices/"+url.PathEscape(id)+"/remove", deviceRemoval{words})
}

// LeaveDevices takes the device that the home is on out of the owner's.
func (c *Client) LeaveDevices(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "devices/leave", nil)
}

// Link makes a code that links a further device.
func (c *Client) Link(ctx context.Context) (social.Link, error) {
	return ask[social.Link](ctx, c, http.MethodPost, "links", nil)
}

// Links returns the codes that were made, and what became of them.
func (c *Client) Links(ctx context.Context) ([]social.Link, error) {
	return get[[]social.Link](ctx, c, "links")
}

// AnswerLink says whether both devices show the same number.
func (c *Client) AnswerLink(ctx context.Context, id string, same bool) error {
	return c.do(ctx, http.MethodPost, "links/"+url.PathEscape(id)+"/answer", inviteAnswer{same})
}

// JoinDevice makes the home, which has not begun, a further device of whoever made the code.
func (c *Client) JoinDevice(ctx context.Context, o social.JoinOptions) (social.Linking, error) {
	return ask[social.Linking](ctx, c, http.MethodPost, "linking", o)
}

// Linking returns how far that has come.
func (c *Client) Linking(ctx context.Context) (social.Linking, error) {
	return get[social.Linking](ctx, c, "linking")
}

// StopLinking gives up on it.
func (c *Client) StopLinking(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "linking", nil)
}

// Recover brings somebody back into the home, which has not begun.
func (c *Client) Recover(ctx context.Context, o social.RecoverOptions) (social.Profile, error) {
	return ask[social.Profile](ctx, c, http.MethodPost, "recover", o)
}

// Help makes a code that helps a friend come back.
func (c *Client) Help(ctx context.Context, person string) (social.Help, error) {
	return ask[social.Help](ctx, c, http.MethodPost, "people/"+url.PathEscape(person)+"/help", nil)
}

// Notices returns what happened by itself.
func (c *Client) Notices(ctx context.Context) ([]social.Notice, error) {
	return get[[]social.Notice](ctx, c, "notices")
}

// DropNotice puts a notice away.
func (c *Client) DropNotice(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "notices/"+url.PathEscape(id), nil)
}
