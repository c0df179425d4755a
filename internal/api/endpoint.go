package api

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	// EndpointFile is the name, in the folder of a home, of the file that says where the home answers. It is there
	// while the home runs.
	EndpointFile = "running.json"

	tokenSize = 32 // bytes of randomness in a token

	// maxEndpoint bounds what is read of the file. It takes some two hundred bytes.
	maxEndpoint = 4096
)

// Endpoint says where a running home answers.
type Endpoint struct {
	Page  string `json:"page"`  // "http://127.0.0.1:7480", without a slash at the end
	Token string `json:"token"` // see the package comment
	PID   int    `json:"pid"`   // of the process, for people who look

	Service string `json:"service,omitempty"` // what started it in the background: a service.Kind; "" by hand
}

// NewToken makes a token for an Endpoint.
func NewToken() string {
	b := make([]byte, tokenSize)
	rand.Read(b) // never fails: the runtime ends the program when the system has no randomness
	return base64.RawURLEncoding.EncodeToString(b)
}

// WriteEndpoint writes the file of a folder, readable by its owner only, in one step: a reader finds the old file or
// the new one, whole.
func WriteEndpoint(folder string, e Endpoint) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, EndpointFile+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("api: writing %s: %w", EndpointFile, err)
	}
	defer os.Remove(f.Name()) // after the rename it is not there any more
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("api: writing %s: %w", EndpointFile, err)
	}
	if err := os.Rename(f.Name(), filepath.Join(folder, EndpointFile)); err != nil {
		return fmt.Errorf("api: writing %s: %w", EndpointFile, err)
	}
	return nil
}

// RemoveEndpoint removes the file of a folder.
func RemoveEndpoint(folder string) error {
	err := os.Remove(filepath.Join(folder, EndpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ReadEndpoint reads the file of a folder. It returns ErrNotRunning if there is none.
func ReadEndpoint(folder string) (Endpoint, error) {
	f, err := os.Open(filepath.Join(folder, EndpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Endpoint{}, ErrNotRunning
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("api: reading %s: %w", EndpointFile, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEndpoint))
	if err != nil {
		return Endpoint{}, fmt.Errorf("api: reading %s: %w", EndpointFile, err)
	}
	var e Endpoint
	if err := json.Unmarshal(text, &e); err != nil || e.Page == "" || e.Token == "" {
		return Endpoint{}, fmt.Errorf("api: %s is damaged; stop kith in this folder and start it again", EndpointFile)
	}
	return e, nil
}
