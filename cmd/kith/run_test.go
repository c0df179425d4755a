package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"kith/internal/api"
	"kith/internal/api/apitest"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}

// page returns the address of the running home's page.
func (f *fixture) page() string {
	f.t.Helper()
	e, err := api.ReadEndpoint(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	return e.Page
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestBothEdgesAreOnOneListener(t *testing.T) {
	f := newFixture(t)
	f.start()
	if status, body := get(t, f.page()+"/"); status != 200 || !strings.Contains(body, "the page of 127.0.0.1:") {
		t.Errorf("the page: %d %s", status, body)
	}
	if status, _ := get(t, f.page()+api.Prefix+"status"); status != 401 {
		t.Errorf("the commands, without the token: %d", status)
	}
	has(t, f.said.String(), "Your home is on: "+f.page()+"/", f.dir, "kith open")
	info, err := os.Stat(filepath.Join(f.dir, api.EndpointFile))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the token: %v, %v", info, err)
	}
}

func TestStoppingIsQuickAndClean(t *testing.T) {
	f := started(t)
	follower := make(chan result, 1)
	go func() { follower <- f.kith("feed", "--follow") }()
	f.wait("the follower", func() bool { return f.home.Listeners() == 1 })
	opened := make(chan struct{})
	read := make(chan struct{})
	go func() { // a page with a stream
		defer close(read)
		client := &http.Client{Transport: new(http.Transport)}
		defer client.CloseIdleConnections()
		resp, err := client.Get(f.page() + "/stream")
		close(opened)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
	}()
	<-opened
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.page(), "http://")) // a connection that asks for nothing
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	os.WriteFile(filepath.Join(f.dir, doorFile), []byte("left"), 0o600)

	start := time.Now()
	f.stop()
	code := <-f.ended
	took := time.Since(start)
	f.ended <- code
	if code != 0 || took > closeTime {
		t.Errorf("exit code %d after %s: %s", code, took, f.said)
	}
	<-read
	if r := <-follower; r.code != api.ExitTrouble {
		t.Errorf("the follower: %+v", r)
	}
	for _, left := range []string{api.EndpointFile, doorFile} {
		if _, err := os.Stat(filepath.Join(f.dir, left)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was left", left)
		}
	}
	f.fails(api.ExitNotRunning, "status")
}

func TestAHomeThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	r, err := start(t.Context(), func(ctx context.Context, s settings, at place, l *slog.Logger) (*home, error) {
		h, err := inMemory(new(apitest.Home), nil)(ctx, s, at, l)
		h.close = func() error { <-hang; return nil }
		return h, err
	}, settings{dir: t.TempDir(), page: "127.0.0.1:0", pageGiven: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := r.close(); err == nil || time.Since(begun) > closeTime+time.Second {
		t.Errorf("close: %v after %s", err, time.Since(begun))
	}
}

func TestAHomeThatDoesNotOpenLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("the database is damaged")
	var out lockedBuffer
	p := program{open: func(context.Context, settings, place, *slog.Logger) (*home, error) { return nil, broken }}
	code := p.main(t.Context(), []string{"--dir", dir, "--page", "127.0.0.1:0"}, nil, &out, &out, func(string) string { return "" })
	if code != api.ExitTrouble || !strings.Contains(out.String(), broken.Error()) {
		t.Errorf("exit code %d, %s", code, &out)
	}
	if _, err := os.Stat(filepath.Join(dir, api.EndpointFile)); err == nil {
		t.Error("the endpoint was written")
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestStopCommand(t *testing.T) {
	f := started(t)
	has(t, f.ok("stop"), "has stopped")
	unlock, err := lockFolder(f.dir) // when the command returns, the folder is free
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	code := <-f.ended
	f.ended <- code
	if code != 0 {
		t.Errorf("the home ended with %d: %s", code, f.said)
	}
	f.fails(api.ExitNotRunning, "stop")
}

// browser is a program that takes the place of a browser: it copies the file that it is given. It returns where to.
func (f *fixture) browser() string {
	f.t.Helper()
	if runtime.GOOS == "windows" {
		f.t.Fatal("this test needs a shell script for a browser")
	}
	dir := f.t.TempDir()
	shown := filepath.Join(dir, "shown")
	script := "#!/bin/sh\ncp \"$1\" '" + shown + ".part' && mv '" + shown + ".part' '" + shown + "'\n"
	path := filepath.Join(dir, "browser")
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		f.t.Fatal(err)
	}
	f.env["BROWSER"] = path
	return shown
}

// token waits for the page that a browser was given, and returns the one-time token in it.
func (f *fixture) token(shown string) string {
	f.t.Helper()
	var text []byte
	f.wait("the browser", func() bool {
		var err error
		text, err = os.ReadFile(shown)
		return err == nil
	})
	os.Remove(shown)
	_, after, ok := strings.Cut(string(text), `url=`+f.page()+`/signin#`)
	token, _, closed := strings.Cut(after, `"`)
	if !ok || !closed {
		f.t.Fatalf("the browser was given %s", text)
	}
	return token
}

func TestTheBrowserIsOpenedSignedIn(t *testing.T) {
	f := newFixture(t)
	shown := f.browser()
	f.start("--browser")
	if _, err := f.gate.SignInToken(t.Context(), f.token(shown), ""); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(f.dir, doorFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the link: %v, %v", info, err)
	}
	has(t, f.ok("open"), "Your page: "+f.page()+"/")
	if _, err := f.gate.SignInToken(t.Context(), f.token(shown), ""); err != nil {
		t.Error(err)
	}
	link := strings.TrimSpace(f.ok("open", "--print"))
	token, ok := strings.CutPrefix(link, f.page()+"/signin#")
	if _, err := f.gate.SignInToken(t.Context(), token, ""); !ok || err != nil {
		t.Errorf("kith open --print printed %q: %v", link, err)
	}
}

func TestStartingItAgainOpensTheRunningPage(t *testing.T) {
	f := newFixture(t)
	shown := f.browser()
	f.start()
	for _, args := range [][]string{nil, {"run"}} {
		has(t, f.ok(args...), "This home is on already: "+f.page()+"/")
		if _, err := f.gate.SignInToken(t.Context(), f.token(shown), ""); err != nil {
			t.Error(err)
		}
	}
	has(t, f.ok("--no-browser"), "on already", f.page()+"/signin#")
}

func TestWithoutABrowserTheLinkIsPrinted(t *testing.T) {
	f := newFixture(t)
	f.env["BROWSER"] = filepath.Join(f.dir, "no such browser")
	f.start("--browser")
	f.wait("the link", func() bool { return strings.Contains(f.said.String(), "/signin#") })
	has(t, f.ok("open"), "No browser could be started", f.page()+"/signin#")
}

func TestThePageTakesTheNextFreePort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := settings{page: taken.Addr().String()}
	l, err := listenPage(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	first, next := taken.Addr().(*net.TCPAddr).Port, l.Addr().(*net.TCPAddr).Port
	if next == first || !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		t.Errorf("%s was taken, and the page is at %s", taken.Addr(), l.Addr())
	}
	s.pageGiven = true
	if _, err := listenPage(t.Context(), s); err == nil || !strings.Contains(err.Error(), "--page") {
		t.Errorf("a chosen address that is taken: %v", err)
	}
}

// asProcess starts kith with a home in memory as a process, and waits until its home answers.
func asProcess(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("kith-in-memory", "--dir", dir, "--no-browser", "--page", "127.0.0.1:0") // see TestMain
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "kith open") {
			go func() { // whatever else it says
				for lines.Scan() {
				}
			}()
			return cmd
		}
	}
	t.Fatalf("kith ended: %v", cmd.Wait())
	return nil
}

func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	dir := t.TempDir()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := asProcess(t, dir)
		start := time.Now()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil || time.Since(start) > closeTime {
			t.Errorf("%s: %v after %s", signal, err, time.Since(start))
		}
		if _, err := api.ReadEndpoint(dir); !errors.Is(err, api.ErrNotRunning) {
			t.Errorf("%s: the endpoint was left", signal)
		}
	}
}

func TestAKilledHomeIsInNobodysWay(t *testing.T) {
	dir := t.TempDir()
	cmd := asProcess(t, dir)
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := api.ReadEndpoint(dir); err != nil {
		t.Fatalf("a killed process leaves its file: %v", err)
	}
	f := &fixture{t: t, dir: dir, home: new(apitest.Home), env: map[string]string{}}
	f.fails(api.ExitNotRunning, "status")
	f.start()
	defer func() { f.stop(); <-f.ended }()
	f.ok("status")
}

func TestTheLockKeepsASecondProcessOut(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); !errors.Is(err, errLocked) {
		t.Errorf("twice: %v", err)
	}
	ctx, cancel := contextOf(t)
	time.AfterFunc(50*time.Millisecond, func() { unlock() })
	again, err := waitForLock(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := waitForLock(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting in vain: %v", err)
	}
	again()
	if _, err := lockFolder(filepath.Join(dir, "no such folder")); err == nil || errors.Is(err, errLocked) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
