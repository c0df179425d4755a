package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"kith/internal/social"
)

// files is everything that the binary carries for the pages.
//
//go:embed templates css js icons
var files embed.FS

// sheets are the parts of the one style sheet, in the order in which they build upon one another.
var sheets = []string{
	"tokens", "base", "layout", "controls", "face", "street", "post", "photos", "comments", "conversation", "composer", "lightbox",
	"dialog", "friends", "groups", "chat", "invite", "settings", "edit", "devices", "files", "events", "welcome",
	"news",
	"search", "keep",
	"privacy",
	"motion", "print",
}

// assets are the files that a browser fetches apart from the pages. Their addresses carry a hash of all of them, so
// that they can be kept for ever and a new version is never mixed with an old one.
type assets struct {
	version string
	files   map[string][]byte // by the path under /static/{version}/
}

func newAssets() (*assets, error) {
	a := &assets{files: make(map[string][]byte)}
	var sheet bytes.Buffer
	for _, name := range sheets {
		css, err := files.ReadFile("css/" + name + ".css")
		if err != nil {
			return nil, err
		}
		sheet.Write(css)
		sheet.WriteByte('\n')
	}
	sheet.WriteString(toneSheet())
	a.files["kith.css"] = sheet.Bytes()
	for _, folder := range []string{"js", "icons"} {
		err := fs.WalkDir(files, folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := files.ReadFile(name)
			a.files[name] = content
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	a.version = a.hash()
	return a, nil
}

// hash names this very set of files.
func (a *assets) hash() string {
	all := sha256.New()
	for _, name := range sortedKeys(a.files) {
		fmt.Fprintf(all, "%s %d ", name, len(a.files[name])) // a hash never fails to take bytes
		all.Write(a.files[name])
	}
	return hex.EncodeToString(all.Sum(nil)[:8])
}

// url is where a browser gets a file: static "js/app.js".
func (a *assets) url(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("web: no embedded file %q", name)
	}
	return "/static/" + a.version + "/" + name, nil
}

// modules lists the addresses of the scripts, so that a page can ask for all of them at once.
func (a *assets) modules() []string {
	var urls []string
	for _, name := range sortedKeys(a.files) {
		if path.Ext(name) == ".js" {
			urls = append(urls, "/static/"+a.version+"/"+name)
		}
	}
	return urls
}

// assetTypes are the media types of the files there are. The table of the operating system is not asked: it may say
// anything.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

// getStatic serves the embedded files. They hold no secrets, so no session is asked for.
func (s *Server) getStatic(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	content, ok := s.assets.files[name]
	if !ok || r.PathValue("version") != s.assets.version {
		return &social.Error{Code: social.CodeNotFound, Message: "There is no such file. Loading the page again helps if kith was brought up to date while it was open."}
	}
	h := w.Header()
	h.Set("Content-Type", assetTypes[path.Ext(name)])
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	return nil
}

// toneSheet has a class for each tone that words.go can name.
func toneSheet() string {
	var b strings.Builder
	for _, r := range toneSteps {
		for _, g := range toneSteps {
			for _, bl := range toneSteps {
				fmt.Fprintf(&b, ".tone-%c%c%c{background-color:#%c%c%c}\n", r, g, bl, r, g, bl)
			}
		}
	}
	return b.String()
}
