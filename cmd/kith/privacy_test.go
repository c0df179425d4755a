package main

import (
	"testing"

	"kith/internal/api"
	"kith/internal/api/apitest"
	"kith/internal/social"
)

func TestPrivacyAndVerify(t *testing.T) {
	f := started(t)
	f.home.Befriend(apitest.Ada)
	has(t, f.ok("privacy"), "sees your name", "Friends", "your wall", "In it: Ada", "Only me", "nobody but you", "Desk", "this one")
	if p := decode[social.Privacy](f, "privacy"); len(p.Circles) != 2 || p.Circles[0].With[0].Name != "Ada" {
		t.Errorf("privacy %+v", p)
	}
	has(t, f.ok("verify", "ada"), "00417  93115  27730  58021", "face to face")
	has(t, f.ok("verify", "ada", "--same"), "Verified in person")
	has(t, f.ok("privacy"), "Ada ✓")
	has(t, f.ok("verify", "ada", "--undo"), "face to face")
	f.fails(api.ExitUsage, "verify", "ada", "--same", "--undo")
	f.fails(api.ExitNotFound, "verify", "nobody")
}
