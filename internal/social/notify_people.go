package social

import (
	"context"

	"kith/internal/key"
	"kith/internal/sqlite"
)

// comingNews is who came, or wants to: friends and people in groups.
func (h *Home) comingNews(ctx context.Context, wants *newsWants) ([]oneNews, error) {
	if !wants.kind(NewsFriend) {
		return nil, nil
	}
	var list []oneNews
	add := func(kind, about string, one oneNews) {
		one.Kind, one.about, one.mark = kind, about, markHere(kind+" "+about)
		list = append(list, one)
	}
	invites, err := h.Invites(ctx)
	if err != nil {
		return nil, err
	}
	for i := range invites {
		invite := &invites[i]
		if invite.State != InviteAsking || invite.Who == nil || invite.Group != nil {
			continue
		}
		one := oneNews{author: parsed(invite.Who.ID)}
		one.At, one.Did = invite.Created, "is at the door and would like to be your friend"
		add(NewsAsk, invite.ID, one)
	}
	offers, err := h.Offers(ctx)
	if err != nil {
		return nil, err
	}
	for i := range offers {
		one := oneNews{author: parsed(offers[i].By.ID)}
		one.At, one.Did = offers[i].Since, "invites you to the group “"+offers[i].Group.Name+"”"
		add(NewsOffer, offers[i].Group.ID, one)
	}
	requests, err := h.Requests(ctx)
	if err != nil {
		return nil, err
	}
	for group, waiting := range requests {
		for i := range waiting {
			one := oneNews{author: parsed(waiting[i].Person.ID)}
			one.At, one.Did, one.Group = waiting[i].Since, "asks to join a group", group
			add(NewsRequest, group+" "+waiting[i].Person.ID, one)
		}
	}
	friends, err := recordsByID[friendRecord](ctx, h.db, sqlite.Shared(recordsFriends))
	if err != nil {
		return nil, err
	}
	recent := h.now().Add(-comingAge)
	for id, friend := range friends {
		if friend.Since.Before(recent) {
			continue
		}
		one := oneNews{author: parsed(id)}
		one.At, one.Did, one.Person = friend.Since, "and you are friends now", id
		add(NewsFriend, id, one)
	}
	groups, err := h.Groups(ctx)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		group := &groups[i]
		if group.State != GroupIn || group.Owner.Me || group.Since.Before(recent) {
			continue
		}
		var one oneNews
		one.At, one.Did, one.Group = group.Since, "You are in the group “"+group.Name+"” now.", group.ID
		add(NewsJoined, group.ID, one)
	}
	return list, nil
}

// safetyNews is what is told in any case: that the owner was taken out, that something of theirs was taken down, and
// notices.
func (h *Home) safetyNews(ctx context.Context, _ *newsWants) ([]oneNews, error) {
	var list []oneNews
	taken, err := recordsByID[takenRecord](ctx, h.db, recordsTaken)
	if err != nil {
		return nil, err
	}
	for id, note := range taken {
		one := oneNews{author: note.By, about: id, mark: markHere("taken " + id)}
		one.Kind, one.At, one.Did, one.Post = NewsTaken, note.At, "took down your comment", note.Post
		list = append(list, one)
	}
	notices, err := h.Notices(ctx)
	if err != nil {
		return nil, err
	}
	for i := range notices {
		one := oneNews{about: notices[i].ID, mark: markHere("notice " + notices[i].ID)}
		one.Kind, one.At, one.Did = NewsNotice, notices[i].At, notices[i].Text
		list = append(list, one)
	}
	groups, err := h.Groups(ctx)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		if groups[i].State != GroupRemoved {
			continue
		}
		one := oneNews{about: groups[i].ID, mark: markHere("removed " + groups[i].ID)}
		one.Kind, one.At, one.Group = NewsRemoved, groups[i].Since, groups[i].ID
		one.Did = "You were taken out of the group “" + groups[i].Name + "”. What you have of it stays on this computer."
		list = append(list, one)
	}
	return list, nil
}

// parsed reads an ID that a view holds; it is zero where the person is not known.
func parsed(person string) key.PersonID {
	id, err := key.ParsePersonID(person)
	if err != nil {
		return key.PersonID{}
	}
	return id
}
