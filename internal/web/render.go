package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// view is what a template draws: a page or a fragment. It names its template, so that a struct and its template
// cannot be paired wrongly.
type view interface {
	template() string
}

// views is the parsed templates. Templates in templates/parts and templates/layout are known to all pages; each
// file in templates/pages fills in one page.
type views struct {
	parts *template.Template            // fragments
	pages map[string]*template.Template // by the name of the page
}

func newViews(words template.FuncMap, a *assets) (*views, error) {
	words["modules"] = a.modules
	parts, err := template.New("").Funcs(words).Option("missingkey=error").
		ParseFS(files, "templates/parts/*.html", "templates/layout/*.html")
	if err != nil {
		return nil, err
	}
	v := &views{parts: parts, pages: make(map[string]*template.Template)}
	names, err := fs.Glob(files, "templates/pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		page, err := parts.Clone()
		if err != nil {
			return nil, err
		}
		if _, err := page.ParseFS(files, name); err != nil {
			return nil, err
		}
		v.pages[strings.TrimSuffix(path.Base(name), ".html")] = page
	}
	return v, nil
}

// page sends a whole page. Nothing is sent if rendering fails.
func (s *Server) page(w http.ResponseWriter, status int, v view) error {
	page, ok := s.views.pages[v.template()]
	if !ok {
		return fmt.Errorf("web: no template for page %q", v.template())
	}
	return send(w, status, page, "page", v)
}

// part sends a fragment.
func (s *Server) part(w http.ResponseWriter, status int, v view) error {
	return send(w, status, s.views.parts, v.template(), v)
}

func send(w http.ResponseWriter, status int, t *template.Template, name string, data any) error {
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("web: rendering: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the browser may have gone; there is nobody left to tell
	return nil
}

// partHeader marks the requests of our scripts, which want a fragment back where a browser would get a page or a
// redirect. Scripts of other origins can't set it without being asked first, which nobody answers.
const partHeader = "Kith-Part"

func wantsPart(r *http.Request) bool { return r.Header.Get(partHeader) != "" }

// done answers a form that worked. Browsers are sent on, to a page that says what was done (said is a key of said).
// Scripts get that sentence, and in a header where they would have been sent.
func (s *Server) done(w http.ResponseWriter, r *http.Request, where, said string) error {
	where += "?said=" + said
	if wantsPart(r) {
		w.Header().Set("Kith-Go", where)
		return s.part(w, http.StatusOK, saying{said})
	}
	http.Redirect(w, r, where, http.StatusSeeOther)
	return nil
}
