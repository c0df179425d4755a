package web

import (
	"fmt"
	"net/http"

	"kith/internal/social"
)

// backupPage asks how a backup is to be made.
type backupPage struct {
	Shell
	Least int // characters of a passphrase
}

func (backupPage) template() string { return "backup" }

func (s *Server) getBackup(w http.ResponseWriter, r *http.Request) error {
	return s.backupForm(w, r, http.StatusOK, trouble{})
}

func (s *Server) backupForm(w http.ResponseWriter, r *http.Request, status int, notice trouble) error {
	shell, err := s.shell(r, "Backup", navSettings)
	if err != nil {
		return err
	}
	shell.Notice = notice
	return s.page(w, status, backupPage{shell, social.MinPassphrase})
}

var errPassphrasesDiffer = &social.Error{Code: social.CodeBadInput, Message: "The two passphrases are not the same. No backup was made; please type both again."}

// postBackup sends a backup as it is made, as a file to keep. It is a POST although nothing changes: a passphrase does not
// belong into an address, nor a file with private keys behind a link.
func (s *Server) postBackup(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	options := social.BackupOptions{
		Passphrase: values.Get("passphrase"),
		Plain:      values.Get("plain") != "",
		Originals:  values.Get("originals") != "",
	}
	out := &download{w: w, name: "kith-backup-" + s.now().Format("2006-01-02") + ".age"}
	if options.Plain {
		out.name = "kith-backup-" + s.now().Format("2006-01-02") + ".tar"
	}
	if !options.Plain && options.Passphrase != values.Get("again") {
		err = errPassphrasesDiffer
	} else {
		err = s.home.Backup(r.Context(), options, out)
	}
	switch t := explain(err); {
	case err == nil:
		return nil
	case out.begun:
		s.log.Error("a backup could not be finished", "error", err)
		panic(http.ErrAbortHandler) //nolint:forbidigo // the way to break off, so that the browser does not take a part for the whole
	case t.Status == http.StatusInternalServerError:
		return err
	default:
		return s.backupForm(w, r, t.Status, t)
	}
}

// download announces a file when its first bytes come, and not before.
type download struct {
	w     http.ResponseWriter
	name  string
	begun bool
}

func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", d.name))
		h.Set("Cache-Control", "no-store") // it holds keys
	}
	return d.w.Write(p)
}
