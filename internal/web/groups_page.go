package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kith/internal/social"
)

// groupsPage is the groups of the owner.
type groupsPage struct {
	Shell
	Board groupsBoard
}

func (groupsPage) template() string { return "groups" }

// groupsBoard is what the page of groups shows.
type groupsBoard struct {
	Groups []social.Group
	Former []social.Group // left, closed, or no longer in
}

func (groupsBoard) template() string { return "groups-board" }

func (s *Server) getGroups(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Groups", navGroups)
	if err != nil {
		return err
	}
	board, err := s.groupsBoard(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, groupsPage{shell, board})
}

func (s *Server) groupsBoard(r *http.Request) (groupsBoard, error) {
	groups, err := s.home.Groups(r.Context())
	if err != nil {
		return groupsBoard{}, err
	}
	var v groupsBoard
	for _, group := range groups {
		switch group.State {
		case social.GroupIn, social.GroupComing:
			v.Groups = append(v.Groups, group)
		default:
			v.Former = append(v.Former, group)
		}
	}
	return v, nil
}

func (s *Server) getGroupsFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.groupsBoard(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// groupPage is one group: what it is, a composer for it, and what was posted there.
type groupPage struct {
	Shell
	Header   groupHeader
	Composer composer
	Feed     feedView
}

func (groupPage) template() string { return "group" }

// groupHeader is what a group says of itself.
type groupHeader struct {
	Group social.Group
}

func (groupHeader) template() string { return "group-header" }

func (s *Server) groupOf(group social.Group) feedSource {
	read := func(ctx context.Context, cursor string, limit int) (social.Feed, error) {
		return s.home.GroupFeed(ctx, group.ID, cursor, limit)
	}
	return feedSource{read: read, page: "/groups/" + group.ID, fragment: "/fragment/group-feed/" + group.ID, empty: "Nothing has been posted here yet."}
}

func (s *Server) getGroup(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "", navGroups)
	if err != nil {
		return err
	}
	group, err := s.home.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	shell.Title = group.Name
	v := groupPage{Shell: shell, Header: groupHeader{group}}
	if v.Composer, err = s.composer(r, shell.Me, group.ID); err != nil {
		return err
	}
	if v.Feed, err = s.feed(r, s.groupOf(group), shell.Me); err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getGroupFragment(w http.ResponseWriter, r *http.Request) error {
	group, err := s.home.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, groupHeader{group})
}

func (s *Server) getGroupFeedFragment(w http.ResponseWriter, r *http.Request) error {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	v, err := s.feed(r, s.groupOf(social.Group{GroupRef: social.GroupRef{ID: r.PathValue("id")}}), me.Person)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// groupPeoplePage is who is in a group, and what can be done about it.
type groupPeoplePage struct {
	Shell
	People groupPeople
}

func (groupPeoplePage) template() string { return "group-people-page" }

// groupPeople is the list of members.
type groupPeople struct {
	Group   social.Group
	Friends []social.Person // who could be added
	Open    []social.Invite // into this group, and still good
}

func (groupPeople) template() string { return "group-people" }

func (s *Server) groupPeople(r *http.Request) (groupPeople, error) {
	group, err := s.home.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return groupPeople{}, err
	}
	v := groupPeople{Group: group}
	if !group.MayInvite {
		return v, nil
	}
	friends, err := s.home.Friends(r.Context())
	if err != nil {
		return groupPeople{}, err
	}
	for _, friend := range friends {
		if !slices.ContainsFunc(group.Members, func(m social.Member) bool { return m.ID == friend.ID }) {
			v.Friends = append(v.Friends, friend)
		}
	}
	invites, err := s.home.Invites(r.Context())
	if err != nil {
		return groupPeople{}, err
	}
	for _, invite := range invites {
		if invite.Group != nil && invite.Group.ID == group.ID && invite.State == social.InviteOpen {
			v.Open = append(v.Open, invite)
		}
	}
	return v, nil
}

func (s *Server) getGroupPeople(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "", navGroups)
	if err != nil {
		return err
	}
	people, err := s.groupPeople(r)
	if err != nil {
		return err
	}
	shell.Title = "The people of " + people.Group.Name
	return s.page(w, http.StatusOK, groupPeoplePage{shell, people})
}

func (s *Server) getGroupPeopleFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.groupPeople(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// groupForm is where a group is made, or what it says of itself is changed.
type groupForm struct {
	Shell
	Group   social.Group // its ID is empty while it is being made
	Name    string
	About   string
	Posts   string
	Invites string
	History string
}

func (groupForm) template() string { return "group-form" }

func (s *Server) getNewGroup(w http.ResponseWriter, r *http.Request) error {
	return s.groupForm(w, r, http.StatusOK, groupForm{Posts: social.ForEveryone, Invites: social.ForAdmins, History: social.HistoryAll})
}

func (s *Server) groupForm(w http.ResponseWriter, r *http.Request, status int, v groupForm) error {
	title := "Make a group"
	if v.Group.ID != "" {
		title = "Settings of " + v.Group.Name
	}
	shell, err := s.shell(r, title, navGroups)
	if err != nil {
		return err
	}
	shell.Notice = v.Notice
	v.Shell = shell
	return s.page(w, status, v)
}

func (s *Server) postNewGroup(w http.ResponseWriter, r *http.Request) error {
	values, picture, err := readPortrait(r)
	v := groupForm{
		Name: strings.TrimSpace(values.Get("name")), About: strings.TrimSpace(unixLines(values.Get("about"))),
		Posts: values.Get("posts"), Invites: values.Get("invites"), History: values.Get("history"),
	}
	var group social.Group
	if err == nil {
		group, err = s.home.CreateGroup(r.Context(), social.NewGroup{
			Name: v.Name, About: v.About, Picture: picture, Posts: v.Posts, Invites: v.Invites, History: v.History,
		})
	}
	if err != nil {
		return s.groupFormAgain(w, r, v, err)
	}
	http.Redirect(w, r, "/groups/"+group.ID+"/people?said=group-made", http.StatusSeeOther)
	return nil
}

func (s *Server) groupFormAgain(w http.ResponseWriter, r *http.Request, v groupForm, err error) error {
	if v.Notice = explain(err); v.Notice.Status == http.StatusInternalServerError {
		return err
	}
	return s.groupForm(w, r, v.Notice.Status, v)
}

func (s *Server) getGroupSettings(w http.ResponseWriter, r *http.Request) error {
	group, err := s.home.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.groupForm(w, r, http.StatusOK, groupForm{Group: group, Name: group.Name, About: group.About})
}

func (s *Server) postGroupSettings(w http.ResponseWriter, r *http.Request) error {
	values, picture, err := readPortrait(r)
	if errors.Is(err, errFormTooBig) || errors.Is(err, errFormBroken) {
		return err
	}
	group, groupErr := s.home.Group(r.Context(), r.PathValue("id"))
	if groupErr != nil {
		return groupErr
	}
	v := groupForm{Group: group, Name: strings.TrimSpace(values.Get("name")), About: strings.TrimSpace(unixLines(values.Get("about")))}
	if err == nil {
		err = s.home.EditGroup(r.Context(), group.ID, social.GroupEdit{
			Name: v.Name, About: v.About, Picture: picture, RemovePicture: values.Get("remove-picture") != "",
		})
	}
	if err != nil {
		return s.groupFormAgain(w, r, v, err)
	}
	http.Redirect(w, r, "/groups/"+group.ID+"?said=group-changed", http.StatusSeeOther)
	return nil
}

// groupInvitePage is where an invite into a group is made.
type groupInvitePage struct {
	Shell
	Group social.Group
	Mode  string
	Label string
	Days  string
	Lasts []lasting
}

func (groupInvitePage) template() string { return "group-invite" }

func (s *Server) getGroupInvite(w http.ResponseWriter, r *http.Request) error {
	return s.groupInviteForm(w, r, http.StatusOK, groupInvitePage{Mode: social.InviteOnce, Days: usualDays})
}

func (s *Server) groupInviteForm(w http.ResponseWriter, r *http.Request, status int, v groupInvitePage) error {
	group, err := s.home.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	shell, err := s.shell(r, "Invite into "+group.Name, navGroups)
	if err != nil {
		return err
	}
	shell.Notice = v.Notice
	v.Shell, v.Group, v.Lasts = shell, group, lastings
	return s.page(w, status, v)
}

func (s *Server) postGroupInvite(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	options := social.GroupInvite{Mode: values.Get("mode"), Label: strings.TrimSpace(values.Get("label"))}
	for _, l := range lastings {
		if l.Days == values.Get("days") {
			options.For = l.For
		}
	}
	invite, err := s.home.InviteToGroup(r.Context(), r.PathValue("id"), options)
	if err != nil {
		v := groupInvitePage{Mode: options.Mode, Label: options.Label, Days: values.Get("days")}
		if v.Notice = explain(err); v.Notice.Status == http.StatusInternalServerError {
			return err
		}
		return s.groupInviteForm(w, r, v.Notice.Status, v)
	}
	http.Redirect(w, r, "/invite/"+url.PathEscape(invite.ID), http.StatusSeeOther)
	return nil
}

// postGroupAdd takes a friend into a group.
func (s *Server) postGroupAdd(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.AddToGroup(r.Context(), r.PathValue("id"), values.Get("person")); err != nil {
		return err
	}
	return s.done(w, r, "/groups/"+r.PathValue("id")+"/people", "added")
}

// postRequest answers somebody who asks to join.
func (s *Server) postRequest(w http.ResponseWriter, r *http.Request) error {
	yes, err := readAnswer(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := s.home.AnswerRequest(r.Context(), id, r.PathValue("person"), yes); err != nil {
		return err
	}
	if yes {
		return s.done(w, r, "/groups/"+id+"/people", "group-let-in")
	}
	return s.done(w, r, "/groups/"+id+"/people", "group-sent-away")
}

// postOffer answers a friend who added the owner to a group.
func (s *Server) postOffer(w http.ResponseWriter, r *http.Request) error {
	yes, err := readAnswer(r)
	if err != nil {
		return err
	}
	if err := s.home.AnswerOffer(r.Context(), r.PathValue("id"), yes); err != nil {
		return err
	}
	if yes {
		return s.done(w, r, "/groups", "offer-taken")
	}
	return s.done(w, r, "/groups", "offer-declined")
}

// readAnswer reads a form that says yes or no.
func readAnswer(r *http.Request) (bool, error) {
	values, err := readForm(r)
	if err != nil {
		return false, err
	}
	switch values.Get("answer") {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, errFormBroken
}
