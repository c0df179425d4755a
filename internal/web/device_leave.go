package web

import (
	"net/http"

	"kith/internal/social"
)

// leavePage asks whether this computer is to leave the owner's.
type leavePage struct {
	Shell
	Device social.Device
}

func (leavePage) template() string { return "leave-devices" }

func (s *Server) getLeaveDevices(w http.ResponseWriter, r *http.Request) error {
	return s.leaveForm(w, r, http.StatusOK, trouble{})
}

func (s *Server) leaveForm(w http.ResponseWriter, r *http.Request, status int, notice trouble) error {
	list, err := s.home.Devices(r.Context())
	if err != nil {
		return err
	}
	for _, d := range list {
		if !d.This || d.Removed {
			continue
		}
		shell, err := s.shell(r, "Take this computer out?", navSettings)
		if err != nil {
			return err
		}
		shell.Notice = notice
		return s.page(w, status, leavePage{shell, d})
	}
	return &social.Error{Code: social.CodeNotFound, Message: "This computer is no longer one of yours. What is here can still be read."}
}

func (s *Server) postLeaveDevices(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.home.LeaveDevices(r.Context()); err != nil {
		t := explain(err)
		if t.Status == http.StatusInternalServerError {
			return err
		}
		return s.leaveForm(w, r, t.Status, t)
	}
	return s.done(w, r, "/devices", "device-left")
}
