package web

// What the tests of this folder look at from outside.

// Patterns lists the table of routes.
func (s *Server) Patterns() []string {
	var all []string
	for _, route := range s.routes() {
		all = append(all, route.pattern)
	}
	return all
}

// Static is the address of an embedded file.
func (s *Server) Static(name string) string {
	url, err := s.assets.url(name)
	if err != nil {
		panic(err)
	}
	return url
}

// Limits that tests go to.
const (
	MaxForm         = maxForm
	MaxStreams      = maxStreams
	MaxPhoto        = maxPhoto
	MaxJoin         = maxJoin
	MaxPortraitForm = maxPortraitForm
	Kept            = keptChanges
)

var (
	Ago     = ago
	Explain = explain
)

// Codes lists the codes of errors that have a status.
func Codes() []string { return sortedKeys(statuses) }
