package web

import (
	"context"
	"net/http"

	"kith/internal/social"
)

// groupAct is something that is done to a group or to somebody in it, after a question.
type groupAct struct {
	may      func(social.Group, social.Member) bool
	question func(social.Group, social.Member) string
	detail   func(social.Group, social.Member) string
	button   string
	no       string
	do       func(h Home, ctx context.Context, group, person string) error
	where    string // below the group's page
	said     string
}

// memberActs are what can be done about a member, by the end of the address.
var memberActs = map[string]groupAct{
	"promote": {
		may:      func(_ social.Group, m social.Member) bool { return m.MayPromote },
		question: func(_ social.Group, m social.Member) string { return "Make " + m.Name + " an admin?" },
		detail: func(g social.Group, m social.Member) string {
			return "Admins let people in and take them out, delete what others post, and change the name and the rules. " + m.Name + " can do that as soon as their home hears of it, also while yours is off."
		},
		button: "Make them an admin", no: "No, leave it",
		do:    func(h Home, ctx context.Context, g, p string) error { return h.PromoteInGroup(ctx, g, p) },
		where: "/people", said: "promoted",
	},
	"demote": {
		may:      func(_ social.Group, m social.Member) bool { return m.MayDemote },
		question: func(_ social.Group, m social.Member) string { return "Make " + m.Name + " an ordinary member again?" },
		detail: func(_ social.Group, m social.Member) string {
			return "They stay in the group and keep what they wrote. What they do as an admin from now on counts nowhere any more; that goes for what they do before they hear of this, too."
		},
		button: "Make them a member", no: "No, leave it",
		do:    func(h Home, ctx context.Context, g, p string) error { return h.DemoteInGroup(ctx, g, p) },
		where: "/people", said: "demoted",
	},
	"remove": {
		may:      func(_ social.Group, m social.Member) bool { return m.MayRemove },
		question: func(g social.Group, m social.Member) string { return "Take " + m.Name + " out of " + g.Name + "?" },
		detail: func(_ social.Group, m social.Member) string {
			return "They get nothing of what is written from now on, and their home tells them that they are out. What they have already stays with them, and what they wrote stays here. Another invite brings them back."
		},
		button: "Take them out", no: "No, leave it",
		do:    func(h Home, ctx context.Context, g, p string) error { return h.RemoveFromGroup(ctx, g, p) },
		where: "/people", said: "removed",
	},
	"hand-over": {
		may:      func(_ social.Group, m social.Member) bool { return m.MayHandTo },
		question: func(g social.Group, m social.Member) string { return "Hand " + g.Name + " over to " + m.Name + "?" },
		detail: func(_ social.Group, m social.Member) string {
			return "From then on the group is theirs, for good: only they can close it, and they can take anybody out, you too. You stay as an admin. Nobody can undo this but " + m.Name + "."
		},
		button: "Hand it over", no: "No, keep it",
		do:    func(h Home, ctx context.Context, g, p string) error { return h.HandOverGroup(ctx, g, p) },
		where: "/people", said: "handed-over",
	},
}

// ownActs are what somebody can do about a group as a whole.
var ownActs = map[string]groupAct{
	"leave": {
		may: func(g social.Group, _ social.Member) bool {
			return g.Role != "" && (g.Role != social.RoleOwner || g.State == social.GroupClosed)
		},
		question: func(g social.Group, _ social.Member) string { return "Leave " + g.Name + "?" },
		detail: func(social.Group, social.Member) string {
			return "You get nothing of what is written from now on. What you have stays on this computer, and what you wrote stays in the group. To come back you need somebody there to let you in."
		},
		button: "Leave", no: "No, stay",
		do:    func(h Home, ctx context.Context, g, _ string) error { return h.LeaveGroup(ctx, g) },
		where: "", said: "left",
	},
	"close": {
		may: func(g social.Group, _ social.Member) bool {
			return g.Role == social.RoleOwner && g.State == social.GroupIn
		},
		question: func(g social.Group, _ social.Member) string { return "Close " + g.Name + " for everybody?" },
		detail: func(social.Group, social.Member) string {
			return "Nobody writes there any more, for good. Everybody keeps what they have and can read it. If it is to go on without you, hand it over instead."
		},
		button: "Close it", no: "No, keep it",
		do:    func(h Home, ctx context.Context, g, _ string) error { return h.CloseGroup(ctx, g) },
		where: "", said: "closed",
	},
}

// errNotForYou is the answer to whoever gets to a question that is not theirs to answer.
var errNotForYou = &social.Error{Code: social.CodeNotAllowed, Message: "This is not yours to do in this group now. Perhaps somebody else changed something a moment ago. Nothing was changed."}

// groupAct finds what a request is about: the group, the member if it is about one, and what is to be done.
func (s *Server) groupAct(r *http.Request) (groupAct, social.Group, social.Member, error) {
	group, err := s.home.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return groupAct{}, group, social.Member{}, err
	}
	person := r.PathValue("person")
	if person == "" {
		act, ok := ownActs[r.PathValue("act")]
		if !ok {
			return act, group, social.Member{}, errNoPage
		}
		return act, group, social.Member{}, nil
	}
	act, ok := memberActs[r.PathValue("act")]
	if !ok {
		return act, group, social.Member{}, errNoPage
	}
	for _, member := range group.Members {
		if member.ID == person {
			return act, group, member, nil
		}
	}
	return act, group, social.Member{}, &social.Error{Code: social.CodeNotFound, Message: "This person is not in the group now. Perhaps somebody else has taken them out, or they left."}
}

func (s *Server) getGroupAct(w http.ResponseWriter, r *http.Request) error {
	act, group, member, err := s.groupAct(r)
	if err != nil {
		return err
	}
	if !act.may(group, member) {
		return errNotForYou
	}
	return s.confirm(w, r, confirmation{
		Question: act.question(group, member),
		Detail:   act.detail(group, member),
		Action:   r.URL.Path,
		Button:   act.button,
		No:       act.no,
		Back:     "/groups/" + group.ID + act.where,
	})
}

func (s *Server) postGroupAct(w http.ResponseWriter, r *http.Request) error {
	act, group, member, err := s.groupAct(r)
	if err != nil {
		return err
	}
	if err := act.do(s.home, r.Context(), group.ID, member.ID); err != nil {
		return err
	}
	return s.done(w, r, "/groups/"+group.ID+act.where, act.said)
}
