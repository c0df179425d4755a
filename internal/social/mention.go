package social

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kith/internal/content"
	"kith/internal/key"
)

// Mention is somebody who is meant by a name in a text.
type Mention struct {
	Person string `json:"person"`
	Name   string `json:"name"` // as it stands in the text, behind "@"
	Me     bool   `json:"me,omitempty"`
}

// Mentionable lists who can be mentioned, by name: who will see a post to an audience (as in NewPost.To), or, if post is
// given, who can see that post and what stands under it.
func (h *Home) Mentionable(ctx context.Context, to, post string) ([]Person, error) {
	var where key.SpaceID
	if post != "" {
		item, err := h.item(ctx, post)
		if err != nil {
			return nil, err
		}
		where = item.Space
	} else {
		p, err := h.profile(ctx)
		if err != nil {
			return nil, explain("list who can be mentioned", err)
		}
		if where, err = h.target(ctx, p, to); err != nil {
			return nil, explain("list who can be mentioned", err)
		}
	}
	people, err := h.whoSees(ctx, where)
	return people, explain("list who can be mentioned", err)
}

// whoSees lists who can see what is written in a space, without the owner and without whom they blocked, by name.
func (h *Home) whoSees(ctx context.Context, where key.SpaceID) ([]Person, error) {
	state, err := h.node.Gate().State(ctx, where)
	if err != nil {
		return nil, err
	}
	me := h.node.Person()
	var ids []key.PersonID
	for _, member := range state.Members() {
		if member.Person != me {
			ids = append(ids, member.Person)
		}
	}
	byID, err := h.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	people := make([]Person, 0, len(byID))
	for _, p := range byID {
		if !p.Blocked && p.Name != unnamed {
			people = append(people, p)
		}
	}
	slices.SortFunc(people, func(a, b Person) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return people, nil
}

// mentions finds who is mentioned in a text: "@" and the whole name of somebody who can see it, or their first name where
// nobody else there has it. chosen are the IDs of those whom the writer picked from a list; they go before others of the same
// name. Beyond content.MaxMentions the rest are names and nothing more.
func (h *Home) mentions(ctx context.Context, where key.SpaceID, text string, chosen []string) ([]content.Mention, error) {
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	people, err := h.whoSees(ctx, where)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(people, func(a, b Person) int {
		return boolOrder(slices.Contains(chosen, b.ID)) - boolOrder(slices.Contains(chosen, a.ID))
	})
	var found []content.Mention
	for at := strings.IndexByte(text, '@'); at >= 0; {
		if before, _ := utf8.DecodeLastRuneInString(text[:at]); at == 0 || !isWord(before) {
			name, who := longestName(people, chosen, text[at+1:])
			known := slices.ContainsFunc(found, func(m content.Mention) bool { return m.Name == name })
			if name != "" && !known && len(found) < content.MaxMentions {
				id, err := h.personID(who)
				if err != nil {
					return nil, err
				}
				found = append(found, content.Mention{Person: id[:], Name: name})
			}
		}
		next := strings.IndexByte(text[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return found, nil
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

// longestName finds the person whose name a text begins with, and the name as it stands there.
func longestName(people []Person, chosen []string, text string) (name, who string) {
	try := func(candidate string, p *Person) {
		if len(candidate) > len(name) && len(candidate) <= content.MaxCalled && beginsWith(text, candidate) {
			name, who = text[:len(candidate)], p.ID
		}
	}
	for i := range people {
		try(people[i].Name, &people[i])
	}
	for i := range people {
		first, _, _ := strings.Cut(people[i].Name, " ")
		others := 0
		for j := range people {
			other, _, _ := strings.Cut(people[j].Name, " ")
			others += boolOrder(j != i && strings.EqualFold(other, first))
		}
		if others == 0 || slices.Contains(chosen, people[i].ID) {
			try(first, &people[i])
		}
	}
	return name, who
}

// beginsWith tells whether a text begins with a name, in upper or lower case, and the word ends there.
func beginsWith(text, name string) bool {
	if len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[len(name):])
	return len(text) == len(name) || !isWord(next)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// mentionsAs are the mentions of an item as an edit has them.
func mentionsAs(first []content.Mention, edit *content.Edit, counts bool) []content.Mention {
	if counts {
		return edit.Mentions
	}
	return first
}

// mentioned makes views of mentions: of those who can see the text. Somebody who left since is still meant; somebody who never was
// there is not, whatever the author's home says.
func (v *view) mentioned(where key.SpaceID, mentions []content.Mention) (shown []Mention) {
	for _, m := range mentions {
		who := m.Who()
		if state := v.states[where]; state == nil || !state.Was(who) {
			continue
		}
		shown = append(shown, Mention{Person: who.String(), Name: m.Name, Me: who == v.me})
	}
	return shown
}
