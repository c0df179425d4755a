package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"kith/internal/social"
)

// The bodies of requests about groups and audiences.
type (
	newGroup struct {
		Name    string `json:"name"`
		About   string `json:"about,omitempty"`
		Posts   string `json:"posts,omitempty"`
		Invites string `json:"invites,omitempty"`
		History string `json:"history,omitempty"`
	}
	groupEdit struct {
		Name  string `json:"name"`
		About string `json:"about"`
	}
	groupInvite struct {
		Mode    string `json:"mode,omitempty"`
		Label   string `json:"label,omitempty"`
		Seconds int64  `json:"seconds,omitempty"`
	}
	onePerson struct {
		Person string `json:"person"`
	}
	yesOrNo struct {
		Yes bool `json:"yes"`
	}
	onOrOff struct {
		On bool `json:"on"`
	}
	friendList struct {
		Name    string   `json:"name"`
		Hue     int      `json:"hue,omitempty"`
		Members []string `json:"members"`
	}
)

// groupRoutes is what the server answers to about groups and audiences.
func (s *Server) groupRoutes() []route {
	return []route{
		{"GET groups", read(s.Home.Groups)},
		{"POST groups", s.createGroup},
		{"GET groups/{id}", readOne(s.Home.Group)},
		{"PUT groups/{id}", s.editGroup},
		{"GET groups/{id}/feed", s.groupFeed},
		{"POST groups/{id}/invites", s.inviteToGroup},
		{"POST groups/{id}/members", s.addToGroup},
		{"DELETE groups/{id}/members/{person}", changePart(s.Home.RemoveFromGroup)},
		{"POST groups/{id}/requests/{person}", s.answerRequest},
		{"POST groups/{id}/admins/{person}", changePart(s.Home.PromoteInGroup)},
		{"DELETE groups/{id}/admins/{person}", changePart(s.Home.DemoteInGroup)},
		{"PUT groups/{id}/owner/{person}", changePart(s.Home.HandOverGroup)},
		{"POST groups/{id}/leave", change(s.Home.LeaveGroup)},
		{"POST groups/{id}/close", change(s.Home.CloseGroup)},
		{"GET offers", read(s.Home.Offers)},
		{"POST offers/{id}", s.answerOffer},

		{"GET audiences", read(s.Home.Audiences)},
		{"GET lists", read(s.Home.Lists)},
		{"POST lists", s.createList},
		{"PUT lists/{id}", s.editList},
		{"DELETE lists/{id}", change(s.Home.DeleteList)},
		{"GET hidden", read(s.Home.Hidden)},
		{"PUT people/{id}/muted", switched(s.Home.Mute)},
		{"PUT people/{id}/blocked", switched(s.Home.Block)},
	}
}

// changePart does something to a person's part in a group.
func changePart(f func(ctx context.Context, group, person string) error) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return nil, f(r.Context(), r.PathValue("id"), r.PathValue("person"))
	}
}

// switched turns something about a person on or off.
func switched(f func(ctx context.Context, person string, on bool) error) handler {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		var body onOrOff
		if err := readJSON(w, r, &body); err != nil {
			return nil, err
		}
		return nil, f(r.Context(), r.PathValue("id"), body.On)
	}
}

func (s *Server) createGroup(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newGroup
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.CreateGroup(r.Context(), social.NewGroup{
		Name: body.Name, About: body.About, Posts: body.Posts, Invites: body.Invites, History: body.History,
	})
}

func (s *Server) editGroup(w http.ResponseWriter, r *http.Request) (any, error) {
	var body groupEdit
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.EditGroup(r.Context(), r.PathValue("id"), social.GroupEdit{Name: body.Name, About: body.About})
}

func (s *Server) groupFeed(_ http.ResponseWriter, r *http.Request) (any, error) {
	cursor, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.Home.GroupFeed(r.Context(), r.PathValue("id"), cursor, limit)
}

func (s *Server) inviteToGroup(w http.ResponseWriter, r *http.Request) (any, error) {
	var body groupInvite
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if body.Seconds < 0 || body.Seconds > longestInvite {
		return nil, errInviteTime
	}
	return s.Home.InviteToGroup(r.Context(), r.PathValue("id"), social.GroupInvite{
		Mode: body.Mode, Label: body.Label, For: time.Duration(body.Seconds) * time.Second,
	})
}

func (s *Server) addToGroup(w http.ResponseWriter, r *http.Request) (any, error) {
	var body onePerson
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.AddToGroup(r.Context(), r.PathValue("id"), body.Person)
}

func (s *Server) answerRequest(w http.ResponseWriter, r *http.Request) (any, error) {
	var body yesOrNo
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.AnswerRequest(r.Context(), r.PathValue("id"), r.PathValue("person"), body.Yes)
}

func (s *Server) answerOffer(w http.ResponseWriter, r *http.Request) (any, error) {
	var body yesOrNo
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.AnswerOffer(r.Context(), r.PathValue("id"), body.Yes)
}

func (s *Server) createList(w http.ResponseWriter, r *http.Request) (any, error) {
	var body friendList
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.CreateList(r.Context(), body.Name, body.Hue, body.Members)
}

func (s *Server) editList(w http.ResponseWriter, r *http.Request) (any, error) {
	var body friendList
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.EditList(r.Context(), r.PathValue("id"), body.Name, body.Hue, body.Members)
}

// Groups returns the groups, without their members.
func (c *Client) Groups(ctx context.Context) ([]social.Group, error) {
	return get[[]social.Group](ctx, c, "groups")
}

// Group returns a group with its members and those who ask to join.
func (c *Client) Group(ctx context.Context, id string) (social.Group, error) {
	return get[social.Group](ctx, c, groupPath(id, ""))
}

// GroupFeed is Feed with one group's posts only.
func (c *Client) GroupFeed(ctx context.Context, id, cursor string, limit int) (social.Feed, error) {
	return get[social.Feed](ctx, c, groupPath(id, "/feed")+pageQuery(cursor, limit))
}

// CreateGroup makes a group. A picture can be given to it on its page.
func (c *Client) CreateGroup(ctx context.Context, g social.NewGroup) (social.Group, error) {
	return ask[social.Group](ctx, c, http.MethodPost, "groups", newGroup{g.Name, g.About, g.Posts, g.Invites, g.History})
}

// EditGroup changes the name and the rules of a group.
func (c *Client) EditGroup(ctx context.Context, id string, e social.GroupEdit) error {
	return c.do(ctx, http.MethodPut, groupPath(id, ""), groupEdit{e.Name, e.About})
}

// InviteToGroup makes an invite into a group.
func (c *Client) InviteToGroup(ctx context.Context, id string, o social.GroupInvite) (social.Invite, error) {
	return ask[social.Invite](ctx, c, http.MethodPost, groupPath(id, "/invites"),
		groupInvite{Mode: o.Mode, Label: o.Label, Seconds: int64((o.For + time.Second - 1) / time.Second)})
}

// AddToGroup takes a friend into a group.
func (c *Client) AddToGroup(ctx context.Context, id, person string) error {
	return c.do(ctx, http.MethodPost, groupPath(id, "/members"), onePerson{person})
}

// RemoveFromGroup takes somebody out of a group.
func (c *Client) RemoveFromGroup(ctx context.Context, id, person string) error {
	return c.do(ctx, http.MethodDelete, groupPath(id, "/members/")+url.PathEscape(person), nil)
}

// AnswerRequest says yes or no to somebody who asks to join a group.
func (c *Client) AnswerRequest(ctx context.Context, id, person string, yes bool) error {
	return c.do(ctx, http.MethodPost, groupPath(id, "/requests/")+url.PathEscape(person), yesOrNo{yes})
}

// PromoteInGroup makes a member an admin.
func (c *Client) PromoteInGroup(ctx context.Context, id, person string) error {
	return c.do(ctx, http.MethodPost, groupPath(id, "/admins/")+url.PathEscape(person), nil)
}

// DemoteInGroup makes an admin a member.
func (c *Client) DemoteInGroup(ctx context.Context, id, person string) error {
	return c.do(ctx, http.MethodDelete, groupPath(id, "/admins/")+url.PathEscape(person), nil)
}

// HandOverGroup makes somebody else the owner of a group.
func (c *Client) HandOverGroup(ctx context.Context, id, person string) error {
	return c.do(ctx, http.MethodPut, groupPath(id, "/owner/")+url.PathEscape(person), nil)
}

// LeaveGroup ends the owner's own membership.
func (c *Client) LeaveGroup(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, groupPath(id, "/leave"), nil)
}

// CloseGroup ends a group for everybody.
func (c *Client) CloseGroup(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, groupPath(id, "/close"), nil)
}

// Offers returns the groups that friends added the owner to.
func (c *Client) Offers(ctx context.Context) ([]social.Offered, error) {
	return get[[]social.Offered](ctx, c, "offers")
}

// AnswerOffer says yes or no to one of them.
func (c *Client) AnswerOffer(ctx context.Context, id string, yes bool) error {
	return c.do(ctx, http.MethodPost, "offers/"+url.PathEscape(id), yesOrNo{yes})
}

// Audiences returns whom a post can be for.
func (c *Client) Audiences(ctx context.Context) ([]social.Audience, error) {
	return get[[]social.Audience](ctx, c, "audiences")
}

// Lists returns the owner's lists of friends.
func (c *Client) Lists(ctx context.Context) ([]social.FriendList, error) {
	return get[[]social.FriendList](ctx, c, "lists")
}

// CreateList makes a list of friends.
func (c *Client) CreateList(ctx context.Context, name string, hue int, members []string) (social.FriendList, error) {
	return ask[social.FriendList](ctx, c, http.MethodPost, "lists", friendList{name, hue, members})
}

// EditList changes a list of friends: its name, its colour unless hue is 0, and who is on it.
func (c *Client) EditList(ctx context.Context, id, name string, hue int, members []string) (social.FriendList, error) {
	return ask[social.FriendList](ctx, c, http.MethodPut, "lists/"+url.PathEscape(id), friendList{name, hue, members})
}

// DeleteList deletes a list of friends.
func (c *Client) DeleteList(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "lists/"+url.PathEscape(id), nil)
}

// Hidden returns whom the owner muted or blocked.
func (c *Client) Hidden(ctx context.Context) ([]social.Person, error) {
	return get[[]social.Person](ctx, c, "hidden")
}

// Mute keeps somebody's posts out of the feed, or lets them in again.
func (c *Client) Mute(ctx context.Context, person string, on bool) error {
	return c.do(ctx, http.MethodPut, "people/"+url.PathEscape(person)+"/muted", onOrOff{on})
}

// Block hides everything of somebody, or shows it again.
func (c *Client) Block(ctx context.Context, person string, on bool) error {
	return c.do(ctx, http.MethodPut, "people/"+url.PathEscape(person)+"/blocked", onOrOff{on})
}

func groupPath(id, below string) string { return "groups/" + url.PathEscape(id) + below }
