package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kith/internal/access"
	"kith/internal/web"
)

// site is a home's page with a browser that is signed in.
type site struct {
	server *http.Server
	pages  *web.Server
	served chan error
	client *http.Client
	url    string
	cookie *http.Cookie
	posted int
}

const siteCookie = "kith-lab"

func newSite(ctx context.Context, h *home, log *slog.Logger) (*site, error) {
	gate, err := access.New(ctx, h.node.DB())
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	s := &site{url: "http://" + address, served: make(chan error, 1), client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableCompression: true},
	}}
	if s.pages, err = web.New(web.Config{Home: h, Gate: gate, Log: log, Hosts: []string{address}, CookieName: siteCookie}); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.server = &http.Server{Handler: s.pages, ReadHeaderTimeout: patience}
	go func() { s.served <- s.server.Serve(listener) }()
	token, err := gate.OneTimeToken(ctx)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	secret, err := gate.SignInToken(ctx, token, "kith-lab")
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.cookie = &http.Cookie{Name: siteCookie, Value: secret}
	return s, nil
}

func (s *site) close() error {
	s.client.CloseIdleConnections()
	err := errors.Join(s.pages.Close(), s.server.Close())
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// get reads a page.
func (s *site) get(ctx context.Context, path string, want int) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	return s.do(request, want)
}

func (s *site) do(request *http.Request, want int) ([]byte, error) {
	request.AddCookie(s.cookie)
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != want {
		err = fmt.Errorf("%s answers %s", request.URL.Path, response.Status)
	}
	return body, err
}

// posting publishes posts for some time, one after the other, and gives how many a second.
func (s *site) posting(ctx context.Context, long time.Duration) (float64, error) {
	n, start := 0, time.Now()
	for ; time.Since(start) < long; n++ {
		s.posted++
		form := url.Values{"text": {fmt.Sprintf("A post of mine, number %d", s.posted)}}.Encode()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/publish", strings.NewReader(form))
		if err != nil {
			return 0, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if _, err := s.do(request, http.StatusSeeOther); err != nil {
			return 0, err
		}
	}
	return per(n, time.Since(start)), nil
}

// hits counts what a search found.
func hits(body []byte) int { return bytes.Count(body, []byte("data-hit")) }

// magnitudes gives n different numbers below limit, evenly over the orders of magnitude.
func magnitudes(n, limit int) (list []int) {
	n = min(n, limit)
	for i := range n {
		at := int(math.Pow(float64(limit), float64(i)/float64(n))) - 1
		if len(list) > 0 {
			at = max(at, list[len(list)-1]+1)
		}
		list = append(list, at)
	}
	return list
}
