package web

import (
	"fmt"
	"strings"

	"kith/internal/social"
)

// postView is a post as a page draws it.
type postView struct {
	Post     social.Post
	Line     bool // what stands above it is new since the owner was here
	Whole    bool // on a page of its own: nothing is cut or left out
	Hidden   int  // comments that are not shown
	Gallery  gallery
	Files    []attachedFile
	Poll     *pollView
	Reacts   reactions
	Delivery delivery
	Comments []commentView
	Answer   answer
	Event    *eventView // nil where it is no event
}

func (postView) template() string { return "post" }

// commentView is a comment as a page draws it.
type commentView struct {
	Comment  social.Comment
	Gallery  gallery
	Folded   []commentView // earlier answers, which are shown when one asks for them
	Answers  []commentView
	Reacts   reactions
	Delivery delivery
}

func (commentView) template() string { return "comment" }

// answer is the form for a comment.
type answer struct {
	Post     string
	Audience social.Audience
	Me       social.Person
	Answers  string // the comment that is answered, and whose it is
	Whom     string
	Text     string  // what was typed, when it could not be sent
	Trouble  trouble // why
}

// A place says where a post is shown.
type place struct {
	me    social.Person
	whole bool // on a page of its own
	all   bool // with every comment that the post brings
}

// feedComments is how many comments are open under a post in a feed: the last ones.
const feedComments = 2

func newPostView(post social.Post, at place) postView {
	v := postView{
		Post:     post,
		Whole:    at.whole,
		Gallery:  newGallery(post.ID, post.Photos),
		Files:    newAttachedFiles(post.Files),
		Poll:     newPollView(post),
		Reacts:   newReactions(post.ID, post.ID, post.Reactions),
		Delivery: newDelivery(post.Delivery),
		Event:    newEventView(post, at.whole),
		Answer:   answer{Post: post.ID, Audience: post.Audience, Me: at.me},
	}
	comments := post.Comments
	if !at.all && len(comments) > feedComments {
		comments = comments[len(comments)-feedComments:]
	}
	v.Comments = threads(comments)
	v.Hidden = max(0, post.CommentCount-len(comments))
	return v
}

func newCommentView(comment social.Comment) commentView {
	return commentView{
		Comment:  comment,
		Gallery:  newGallery("", comment.Photos),
		Reacts:   newReactions(comment.ID, comment.Post, comment.Reactions),
		Delivery: newDelivery(comment.Delivery),
	}
}

// reactions is the row of emoji under a post or comment.
type reactions struct {
	Target  string // the post or comment
	Post    string // the post that it belongs to
	Given   []given
	Choices []choice
}

// given is an emoji that somebody chose.
type given struct {
	Emoji  string
	Name   string // of its drawing; empty if there is none, then the emoji itself is shown
	Word   string
	Count  int
	People string // "Ada, Ben and 3 others"
	Mine   bool
}

// choice is an emoji that can be chosen.
type choice struct {
	Emoji string
	Name  string
	Word  string
	Mine  bool
}

// emoji are the six that there are to choose from. They are drawn by us (templates/parts/sprite.html), so that they look
// the same on every machine, also on one without an emoji font.
var emoji = []choice{
	{Emoji: "❤️", Name: "heart", Word: "Love"},
	{Emoji: "👍", Name: "thumb", Word: "Like"},
	{Emoji: "😂", Name: "laugh", Word: "Funny"},
	{Emoji: "😮", Name: "wow", Word: "Wow"},
	{Emoji: "😢", Name: "sad", Word: "Sad"},
	{Emoji: "🎉", Name: "party", Word: "Hooray"},
}

func newReactions(target, post string, all []social.Reaction) reactions {
	v := reactions{Target: target, Post: post, Choices: make([]choice, len(emoji))}
	copy(v.Choices, emoji)
	for _, reaction := range all {
		g := given{Emoji: reaction.Emoji, Word: reaction.Emoji, Count: reaction.Count, Mine: reaction.Mine, People: names(reaction.People, reaction.Count)}
		for i, known := range emoji {
			if plainEmoji(known.Emoji) == plainEmoji(reaction.Emoji) {
				g.Name, g.Word = known.Name, known.Word
				v.Choices[i].Mine = reaction.Mine
			}
		}
		v.Given = append(v.Given, g)
	}
	return v
}

// plainEmoji takes off the selector (U+FE0F) that some keyboards add and others don't.
func plainEmoji(s string) string { return strings.TrimSuffix(s, "\ufe0f") }

// shownNames is how many names a list of people has before the rest is counted.
const shownNames = 12

// names lists people as one says it. all may be larger than the number of names that are known.
func names(known []string, all int) string {
	known = known[:min(len(known), shownNames)]
	others := all - len(known)
	switch {
	case len(known) == 0:
		return count(all, "person", "people")
	case others > 0:
		return strings.Join(known, ", ") + " and " + count(others, "other", "others")
	case len(known) == 1:
		return known[0]
	default:
		last := len(known) - 1
		return strings.Join(known[:last], ", ") + " and " + known[last]
	}
}

// delivery says where an entry of the owner's is: as windows and in words.
type delivery struct {
	State   string // empty for what others wrote
	Windows []bool // one for each home that is to have it, lit where it has arrived
	Words   string
}

// maxWindows is how many windows are drawn; of more homes, their share is.
const maxWindows = 12

func newDelivery(d social.Delivery) delivery {
	if d.State == "" {
		return delivery{}
	}
	v := delivery{State: d.State}
	windows := min(d.Of, maxWindows)
	lit := d.Have
	if d.Of > maxWindows {
		lit = d.Have * windows / d.Of
		if d.Have > 0 {
			lit = max(lit, 1)
		}
	}
	for i := range windows {
		v.Windows = append(v.Windows, i < lit)
	}
	switch {
	case d.Of == 0:
		v.Words = "On this computer. Nobody else is to have it yet."
	case d.State == social.DeliveryAll && d.Of == 1:
		v.Words = "Arrived at the other home"
	case d.State == social.DeliveryAll && d.Of == 2:
		v.Words = "Arrived at both other homes"
	case d.State == social.DeliveryAll:
		v.Words = "Arrived at all " + count(d.Of, "other home", "other homes")
	case d.Have == 0:
		v.Words = "Safe on this computer. It will reach the others when their homes are on."
	default:
		v.Words = fmt.Sprintf("Arrived at %d of %d homes. It will reach the others when their homes are on.", d.Have, d.Of)
	}
	return v
}
