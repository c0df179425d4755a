package web_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browserNames are the programs that the tests in a real browser look for.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// findBrowser skips a test where there is no browser, unless KITH_REQUIRE_BROWSER says that there must be one, or where
// KITH_SKIP_BROWSER says that there is no time for it.
func findBrowser(t testing.TB) string {
	t.Helper()
	if os.Getenv("KITH_SKIP_BROWSER") != "" {
		t.Skip("KITH_SKIP_BROWSER is set")
	}
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("KITH_REQUIRE_BROWSER") != "" {
		t.Fatalf("none of %s was found, and KITH_REQUIRE_BROWSER is set", strings.Join(browserNames, ", "))
	}
	t.Skip("no Chromium or Chrome was found")
	return ""
}

// browser is a real browser. Its tabs share cookies and storage, as those of a person do.
type browser struct {
	t   testing.TB
	ctx context.Context
}

// shared is the one browser of all tests, and how to stop it. Sites don't get in one another's way in it: each has a port
// of its own, and a cookie of its own name.
var shared struct {
	once sync.Once
	ctx  context.Context
	stop func() error
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.stop != nil {
		if err := shared.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the browser:", err)
			code = 1
		}
	}
	os.Exit(code)
}

func startBrowser(t testing.TB) *browser {
	t.Helper()
	path := findBrowser(t)
	shared.once.Do(func() { shared.ctx, shared.stop, shared.err = launch(path) })
	if shared.err != nil {
		t.Fatalf("starting the browser: %v", shared.err)
	}
	return &browser{t, shared.ctx}
}

// launch starts a browser with a folder of its own. stop ends it and removes the folder.
func launch(path string) (ctx context.Context, stop func() error, err error) {
	folder, err := os.MkdirTemp("", "kith-browser-")
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(folder))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	stop = func() error {
		err := chromedp.Cancel(ctx) // closes the browser and waits for it
		cancel()
		stopAllocator()
		// Its last processes may still write to the folder for a moment.
		for range 100 {
			if os.RemoveAll(folder) == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		return err
	}
	return ctx, stop, chromedp.Do(ctx)
}

// tab is a page in a browser. What goes wrong in it (errors, refused scripts and styles) is noted.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	troubles []string
}

// patience is how long anything in a browser may take.
const patience = 30 * time.Second

func (b *browser) tab() *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	p := &tab{t: b.t, ctx: ctx}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			// Replies that are an error on purpose are told here too; the tests look at those themselves.
			if m.Source != "network" && (m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.IsException()) {
				p.note(m.Source + " " + m.String())
			}
		}
	}()
	p.do()
	p.look(1280, 800, "light")
	return p
}

func (p *tab) note(trouble string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.troubles = append(p.troubles, trouble)
}

func (p *tab) noted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.troubles...)
}

// clean fails the test if anything went wrong in the page.
func (p *tab) clean() {
	p.t.Helper()
	for _, trouble := range p.noted() {
		p.t.Errorf("in the browser: %s", trouble)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.troubles = nil
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if len(actions) == 0 {
		ctx = p.ctx // this first call opens the tab, which lives as long as its context
	}
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("in the browser: %v %q", err, p.noted())
	}
}

// visit opens an address and waits until the page and its scripts are there.
func (p *tab) visit(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
	p.until("document.readyState === 'complete'")
}

// try evaluates an expression in the page.
func try[T any](p *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// ask evaluates an expression that must work.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := try[T](p, expression)
	if err != nil {
		p.t.Fatalf("in the browser: %s: %v %q", expression, err, p.noted())
	}
	return v
}

// until waits for an expression to become true.
func (p *tab) until(expression string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		so, err := try[bool](p, "Boolean("+expression+")")
		if err == nil && so {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waited in vain for %s (%v) %q", expression, err, p.noted())
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// click clicks what a CSS selector finds first.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// keys types into whatever has the focus.
func (p *tab) keys(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// write types into a field.
func (p *tab) write(selector, text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// pick chooses who is to see the new post, as a person does in the list beside the button.
func (p *tab) pick(space string) {
	p.t.Helper()
	p.until(`document.querySelector("#audience select option[value='` + space + `']")`)
	ask[bool](p, `(() => { const s = document.querySelector("#audience select"); s.value = "`+space+`"; s.dispatchEvent(new Event("input", { bubbles: true })); s.dispatchEvent(new Event("change", { bubbles: true })); return true; })()`)
}

// enter signs a tab in by a one-time token, as the program does, and lands on the first page.
func (p *tab) enter(s *site) {
	p.t.Helper()
	p.visit(s.url + "/signin#" + s.token())
	p.until("document.readyState === 'complete' && (location.pathname === '/' || location.pathname === '/welcome')")
}

// look sets how large the window is and which colours are wanted. Movements are off: a click during the passage from one
// page to the next would reach neither of them.
func (p *tab) look(width, height int64, scheme string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	if err != nil {
		p.t.Fatalf("in the browser: %v", err)
	}
}

// scripts switches JavaScript on or off for a tab.
func (p *tab) scripts(on bool) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		p.t.Fatal(err)
	}
}
