package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"kith/internal/access"
	"kith/internal/api"
	"kith/internal/backup"
	"kith/internal/node"
	"kith/internal/phone"
	"kith/internal/social"
	"kith/internal/web"
)

// home is a running home with its pages.
type home struct {
	people *social.Home
	social api.Home // people, as the command line sees them
	gate   api.Gate
	pages  pages
	door   api.Phones   // to the home network; nil: there is none
	close  func() error // stops the home; the pages are closed before
}

// pages is the HTML edge.
type pages interface {
	http.Handler
	Close() error // ends the streams that are open
}

// place is where a home's page is.
type place struct {
	page  string   // "http://127.0.0.1:7480"
	hosts []string // the values of the Host header that it answers to
}

// opener opens the home in a folder.
type opener func(context.Context, settings, place, *slog.Logger) (*home, error)

// openHome opens the home in a folder, from the ground up: the node, what people do on it, who may come in, the pages.
func openHome(ctx context.Context, s settings, at place, log *slog.Logger) (_ *home, err error) {
	since := time.Now()
	var opened []func() error
	closeAll := func() error {
		var errs []error
		for i := len(opened) - 1; i >= 0; i-- {
			errs = append(errs, opened[i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll())
		}
	}()

	if err := backup.Tidy(s.dir); err != nil {
		return nil, err
	}
	n, err := node.Open(ctx, node.Config{
		Dir:       s.dir,
		LockFile:  filepath.Join(s.dir, lockFile),
		Listen:    s.listen,
		Bootstrap: s.bootstrap,
		MDNS:      !onlyHere(s.listen),
		UserAgent: "kith/" + versionText(),
		Log:       log,
		Now:       s.now,
	})
	if err != nil {
		return nil, err
	}
	opened = append(opened, n.Close)
	people, err := social.New(ctx, social.Config{
		Node: n, Log: log, Now: s.now, Version: versionText(), Folder: s.dir, Page: at.page + "/", Since: since,
	})
	if err != nil {
		return nil, err
	}
	opened = append(opened, people.Close)
	gate, err := access.New(ctx, n.DB())
	if err != nil {
		return nil, err
	}
	door, err := phone.New(ctx, phone.Config{Store: n.DB(), Gate: gate, Log: log, Addresses: s.addresses})
	if err != nil {
		return nil, err
	}
	pages, err := web.New(web.Config{Phone: door, Home: people, Gate: gate, Log: log, Hosts: at.hosts, CookieName: cookieName(s.dir), Service: string(s.service)})
	if err != nil {
		return nil, err
	}
	door.Serve(ctx, pages.PhoneHandler())
	opened = append(opened, door.Close)
	return &home{people: people, social: people, gate: gate, pages: pages, door: door, close: closeAll}, nil
}

// onlyHere reports whether a home listens on the loopback interface only: then there is nothing to tell the local network.
func onlyHere(listen []string) bool {
	for _, address := range listen {
		if !strings.HasPrefix(address, "/ip4/127.") && !strings.HasPrefix(address, "/ip6/::1/") {
			return false
		}
	}
	return len(listen) > 0
}

// cookieName names the cookie of a home's page. Browsers send a cookie to every port of a host, so the homes on a machine
// need names of their own; the name of the folder makes one that stays.
func cookieName(dir string) string {
	hash := sha256.Sum256([]byte(dir))
	return fmt.Sprintf("kith-%s", hex.EncodeToString(hash[:6]))
}
