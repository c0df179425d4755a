package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// settle gives the settings for flags, environment and file.
func settle(t *testing.T, args []string, env map[string]string, toml string) (settings, error) {
	t.Helper()
	dir := t.TempDir()
	if toml != "" {
		if err := os.WriteFile(filepath.Join(dir, settingsFile), []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	getenv := func(name string) string {
		if name == "KITH_DIR" && env[name] == "" {
			return dir
		}
		return env[name]
	}
	a := &app{ctx: t.Context(), env: getenv}
	if _, err := a.parse(args); err != nil {
		return settings{}, err
	}
	return settingsOf(a.flags, getenv)
}

// TestPrecedence gives each setting in every combination of places. The value names the place that it is from.
func TestPrecedence(t *testing.T) {
	for _, setting := range []struct {
		name             string
		flag             []string
		env, envValue    string
		toml             string
		get              func(settings) any
		flagged, fromEnv any
		filed, otherwise any
	}{
		{"page", []string{"--page", "127.0.0.1:1001"}, "KITH_PAGE", "127.0.0.1:1002", `page = "127.0.0.1:1003"`,
			func(s settings) any { return s.page }, "127.0.0.1:1001", "127.0.0.1:1002", "127.0.0.1:1003", "127.0.0.1:7480"},
		{"page given", []string{"--page", "127.0.0.1:1001"}, "KITH_PAGE", "127.0.0.1:1002", `page = "127.0.0.1:1003"`,
			func(s settings) any { return s.pageGiven }, true, true, true, false},
		{"listen", []string{"--listen", "/flag"}, "KITH_LISTEN", "/env", `listen = ["/file"]`,
			func(s settings) any { return strings.Join(s.listen, " ") }, "/flag", "/env", "/file", ""},
		{"bootstrap", []string{"--bootstrap", "/flag/1", "--bootstrap", "/flag/2"}, "KITH_BOOTSTRAP", "/env/1, /env/2", `bootstrap = ["/file/1", "/file/2"]`,
			func(s settings) any { return strings.Join(s.bootstrap, " ") }, "/flag/1 /flag/2", "/env/1 /env/2", "/file/1 /file/2", ""},
		{"log level", []string{"--log-level", "debug"}, "KITH_LOG_LEVEL", "info", `log-level = "error"`,
			func(s settings) any { return s.logLevel }, slog.LevelDebug, slog.LevelInfo, slog.LevelError, slog.LevelWarn},
		{"no browser", []string{"--no-browser"}, "KITH_NO_BROWSER", "0", "no-browser = true",
			func(s settings) any { return s.noBrowser }, true, false, true, false},
		{"browser", []string{"--browser"}, "KITH_NO_BROWSER", "1", "no-browser = false",
			func(s settings) any { return s.noBrowser }, false, true, false, false},
	} {
		for i := range 8 {
			var args []string
			env := map[string]string{}
			toml := ""
			want := setting.otherwise
			if i&1 != 0 {
				toml, want = setting.toml, setting.filed
			}
			if i&2 != 0 {
				env[setting.env], want = setting.envValue, setting.fromEnv
			}
			if i&4 != 0 {
				args, want = setting.flag, setting.flagged
			}
			s, err := settle(t, args, env, toml)
			if got := setting.get(s); err != nil || got != want {
				t.Errorf("%s from file %v, environment %v, flag %v: %v (%v), want %v", setting.name, i&1 != 0, i&2 != 0, i&4 != 0, got, err, want)
			}
		}
	}
}

func TestTheFolder(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *string { return &s }
	for _, tc := range []struct {
		flag *string
		env  string
		want string
	}{
		{nil, "", here},
		{nil, "/env", "/env"},
		{text("/flag"), "/env", "/flag"},
		{text("below"), "", filepath.Join(here, "below")},
	} {
		got, err := folderOf(options{Dir: tc.flag}, func(string) string { return tc.env })
		if err != nil || got != filepath.FromSlash(tc.want) && got != tc.want {
			t.Errorf("flag %v, environment %q: %q, %v; want %q", tc.flag, tc.env, got, err, tc.want)
		}
	}
	if _, err := folderOf(options{Dir: text("")}, func(string) string { return "" }); err == nil {
		t.Error("an empty --dir was taken")
	}
}

func TestTheSettingsFileIsReadStrictly(t *testing.T) {
	for _, tc := range []struct {
		toml, want string // part of the message; "" if all is well
	}{
		{"", ""},
		{"# nothing set\n", ""},
		{"page = \"127.0.0.1:9000\"\nlisten = [\"7481\", \"/ip4/127.0.0.1/tcp/1\"]\nbootstrap = []\nlog-level = \"info\"\nno-browser = true\n", ""},
		{"page = \"127.0.0.1:9000\"\n\npages = \"x\"\n", `line 3: there is no setting "pages"`},
		{"[network]\nlisten = []\n", `there is no setting "network"`},
		{"dir = \"/elsewhere\"\n", `there is no setting "dir"`},
		{"page = 7480\n", "line 1"},
		{"listen = \"7481\"\n", "line 1"},
		{"\n\nno-browser = \"yes\"\n", "line 3"},
		{"page = \"a\"\npage = \"b\"\n", "line 2"},
		{"page\n", "line 1"},
		{"log-level = \"loud\"\n", "debug, info, warn and error"},
		{"page = \"0.0.0.0:7480\"\n", "this computer only"},
		{strings.Repeat("#", maxSettingsFile+1), "larger"},
	} {
		_, err := settle(t, nil, nil, tc.toml)
		var wrong *usageError
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%.60q: %v", tc.toml, err)
		case tc.want != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%.60q: %v, want %q", tc.toml, err, tc.want)
		case tc.want != "" && strings.Contains(tc.want, "line") && !strings.Contains(err.Error(), settingsFile):
			t.Errorf("%.60q: %v does not name the file", tc.toml, err)
		}
	}
	if _, err := readSettings(t.TempDir()); err == nil {
		t.Error("a folder was read as a file")
	}
}

func TestBadEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"KITH_NO_BROWSER": "perhaps", "KITH_LOG_LEVEL": "WARN", "KITH_PAGE": "example.org:80", "KITH_LISTEN": "7481,,",
	} {
		_, err := settle(t, nil, map[string]string{name: value}, "")
		var wrong *usageError
		if !errors.As(err, &wrong) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestPageAddress(t *testing.T) {
	for in, want := range map[string]string{
		"7480": "127.0.0.1:7480", "127.0.0.1:0": "127.0.0.1:0", "127.1.2.3:80": "127.1.2.3:80", "localhost:9": "127.0.0.1:9", "[::1]:7480": "[::1]:7480",
		"": "", "0.0.0.0:7480": "", ":7480": "", "192.168.1.2:7480": "", "example.org:7480": "", "127.0.0.1": "", "127.0.0.1:x": "", "127.0.0.1:99999": "",
		"[::]:7480": "", "http://127.0.0.1:7480": "", "-1": "",
	} {
		got, err := pageAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestListenAddresses(t *testing.T) {
	for in, want := range map[string][]string{
		"7481":           {"/ip4/0.0.0.0/tcp/7481", "/ip4/0.0.0.0/udp/7481/quic-v1", "/ip6/::/tcp/7481", "/ip6/::/udp/7481/quic-v1"},
		":0":             {"/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1", "/ip6/::/tcp/0", "/ip6/::/udp/0/quic-v1"},
		"127.0.0.1:7481": {"/ip4/127.0.0.1/tcp/7481", "/ip4/127.0.0.1/udp/7481/quic-v1"},
		"[::1]:7481":     {"/ip6/::1/tcp/7481", "/ip6/::1/udp/7481/quic-v1"},
		"/dns/x/tcp/1":   {"/dns/x/tcp/1"},
		"":               nil, "x": nil, "example.org:1": nil, "127.0.0.1": nil, "127.0.0.1:70000": nil, "::1": nil,
	} {
		got, err := listenAddresses(in)
		if !reflect.DeepEqual(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}
