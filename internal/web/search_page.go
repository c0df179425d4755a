package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"kith/internal/social"
)

// Searcher finds what there is to read.
type Searcher interface {
	Search(ctx context.Context, query social.SearchQuery) (social.SearchResult, error)
}

// searchPage is the box to search in, and what was found.
type searchPage struct {
	Shell
	Form  searchForm
	Found searchFound
}

func (searchPage) template() string { return "search" }

// searchForm is what is looked for, as it was typed and chosen.
type searchForm struct {
	Words        string
	Who, In      string
	Since, Until string // days: "2026-07-14"
	Photos       bool
	People       []social.Person // to choose from
	Groups       []social.Group
}

// Narrow tells whether anything is chosen beside the words.
func (f searchForm) Narrow() bool {
	return f.Who != "" || f.In != "" || f.Since != "" || f.Until != "" || f.Photos
}

// searchFound is what was found.
type searchFound struct {
	Asked    bool // anything was looked for
	Words    string
	Narrow   bool
	Result   social.SearchResult
	Posts    searchGroup
	Comments searchGroup
	Trouble  trouble
}

func (searchFound) template() string { return "search-found" }

// Nothing tells whether nothing was found.
func (v searchFound) Nothing() bool {
	return len(v.Result.People) == 0 && len(v.Posts.Items) == 0 && len(v.Comments.Items) == 0
}

// Count is how many things are listed.
func (v searchFound) Count() int {
	return len(v.Result.People) + len(v.Posts.Items) + len(v.Comments.Items)
}

// searchGroup is what was found of one kind.
type searchGroup struct {
	Title string
	Items []social.Found
	More  string // the page with older ones; empty: there are none
}

// dayForm is how a browser writes a day in a form.
const dayForm = "2006-01-02"

func (s *Server) getSearch(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Search", navSearch)
	if err != nil {
		return err
	}
	v := searchPage{Shell: shell, Form: newSearchForm(r.URL.Query())}
	v.Form.People = append([]social.Person{shell.Me}, shell.Street.Friends...)
	if v.Form.Groups, err = s.home.Groups(r.Context()); err != nil {
		return err
	}
	if v.Found, err = s.found(r, v.Form); err != nil {
		return err
	}
	if v.Form.Words != "" {
		v.Title = "Search for " + v.Form.Words
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getSearchFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.found(r, newSearchForm(r.URL.Query()))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func newSearchForm(query url.Values) searchForm {
	return searchForm{
		Words: query.Get("q"), Who: query.Get("who"), In: query.Get("in"), Since: query.Get("since"), Until: query.Get("until"),
		Photos: query.Get("photos") != "",
	}
}

// found searches as the query of a request asks for it.
func (s *Server) found(r *http.Request, form searchForm) (searchFound, error) {
	v := searchFound{Words: form.Words, Narrow: form.Narrow()}
	if form.Words == "" && form.Who == "" && form.In == "" && !form.Photos {
		return v, nil
	}
	v.Asked = true
	values := r.URL.Query()
	query := social.SearchQuery{
		Text: form.Words, Who: form.Who, In: form.In, Photos: form.Photos, Kind: values.Get("kind"), After: values.Get("after"),
		Since: s.day(form.Since, 0), Until: s.day(form.Until, 1),
	}
	var err error
	if v.Result, err = s.home.Search(r.Context(), query); err != nil {
		t := explain(err)
		if t.Status == http.StatusInternalServerError {
			return v, err
		}
		v.Trouble = t
		return v, nil
	}
	v.Posts = searchGroup{"Posts", v.Result.Posts.Items, moreFound(values, social.FoundPost, v.Result.Posts.Next)}
	v.Comments = searchGroup{"Comments", v.Result.Comments.Items, moreFound(values, social.FoundComment, v.Result.Comments.Next)}
	return v, nil
}

// day reads a day of a form, and gives the midnight with which it begins, or one that many days later. What is no day
// counts as none.
func (s *Server) day(text string, later int) time.Time {
	t, err := time.ParseInLocation(dayForm, text, s.now().Location())
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, later)
}

// moreFound is the address of the following page of one kind; empty if there is none.
func moreFound(values url.Values, kind, next string) string {
	if next == "" {
		return ""
	}
	more := url.Values{"kind": {kind}, "after": {next}}
	for _, name := range []string{"q", "who", "in", "since", "until", "photos"} {
		if value := values.Get(name); value != "" {
			more.Set(name, value)
		}
	}
	return "/search?" + more.Encode()
}
