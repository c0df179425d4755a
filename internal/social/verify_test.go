package social_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"kith/internal/social"
)

func TestSafetyNumbers(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	here, err := ada.Safety(t.Context(), ben.me)
	must(t, err)
	there, err := ben.Safety(t.Context(), ada.me)
	must(t, err)
	other, err := ada.Safety(t.Context(), cleo.me)
	must(t, err)
	if !slices.Equal(here.Groups, there.Groups) || slices.Equal(here.Groups, other.Groups) {
		t.Errorf("Ada reads %v, Ben %v, and of Cleo %v", here.Groups, there.Groups, other.Groups)
	}
	if text := strings.Join(here.Groups, " "); !regexp.MustCompile(`^(\d{5} ){11}\d{5}$`).MatchString(text) {
		t.Errorf("the number is %q", text)
	}
	if _, err := ada.Safety(t.Context(), ada.me); code(err) != social.CodeBadInput {
		t.Errorf("one's own: %v", err)
	}

	must(t, ada.Verify(t.Context(), ben.me, true))
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop knows of it", func() bool {
		person, err := laptop.Person(t.Context(), ben.me)
		return err == nil && person.Verified
	})
	if person, err := ben.Person(t.Context(), ada.me); err != nil || person.Verified {
		t.Errorf("Ben verified nobody: %+v, %v", person, err)
	}

	// Somebody else of that name is told apart.
	second := newHouse(t, "ben")
	befriend(t, ada, second)
	safety, err := ada.Safety(t.Context(), second.me)
	must(t, err)
	if safety.Twin == nil || safety.Twin.ID != ben.me || !safety.Verified.IsZero() {
		t.Errorf("of another Ben it says %+v", safety)
	}
	eventually(t, "Ada is told", func() bool {
		notices, err := ada.Notices(t.Context())
		must(t, err)
		return slices.ContainsFunc(notices, func(n social.Notice) bool { return strings.Contains(n.Text, "is not the ben whom you verified") })
	})
	must(t, laptop.Verify(t.Context(), ben.me, false))
	eventually(t, "it is taken back everywhere", func() bool {
		person, err := ada.Person(t.Context(), ben.me)
		must(t, err)
		return !person.Verified
	})
}

func TestWhoSeesWhat(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	_, err := ada.CreateList(t.Context(), "Rowers", 2, []string{ben.me})
	must(t, err)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	ada.adds(club.ID, cleo)
	privacy, err := ada.Privacy(t.Context())
	must(t, err)
	got := make(map[string]string)
	for _, circle := range privacy.Circles {
		var names []string
		for _, person := range circle.With {
			names = append(names, person.Name)
		}
		slices.Sort(names)
		got[circle.Kind+" "+circle.Name] = strings.Join(names, ",")
		if circle.People != len(names)+1 {
			t.Errorf("%d people in %+v", circle.People, circle)
		}
	}
	want := map[string]string{"friends Friends": "Ben,Cleo", "list Rowers": "Ben", "group Garden club": "Cleo", "only-me Only me": ""}
	for name, people := range want {
		if in, there := got[name]; !there || in != people {
			t.Errorf("in %q are %q, want %q", name, in, people)
		}
	}
	if len(got) != len(want) || len(privacy.Devices) != 1 || privacy.Profile.Name != "Ada" {
		t.Errorf("the circles are %v, the devices %v", got, privacy.Devices)
	}
	must(t, ada.Unfriend(t.Context(), ben.me))
	if privacy, err = ada.Privacy(t.Context()); err != nil || len(privacy.Circles[0].With) != 1 || len(privacy.Circles[1].With) != 0 {
		t.Errorf("after Ben left: %+v, %v", privacy.Circles, err)
	}
}
