package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"kith/internal/service"
)

const (
	// settingsFile is the name of the settings file in the folder of a home.
	settingsFile = "kith.toml"

	// maxSettingsFile bounds what is read of it.
	maxSettingsFile = 1 << 20

	// standardPort is where the page is looked for first: the links of invites lead there.
	standardPort = 7480
)

// options is what a person can set. The flags, the environment and the settings file each fill one; what is nil was not
// given there.
type options struct {
	Dir       *string  `toml:"-" short:"d" placeholder:"FOLDER" help:"The folder of the home. If not given, the one you are in."`
	Page      *string  `toml:"page" group:"running" placeholder:"ADDRESS" help:"Address of the page on this computer. If not given, 127.0.0.1:7480 or the next port that is free."`
	Listen    []string `toml:"listen" group:"running" placeholder:"ADDRESS" help:"Where to listen for other homes: a port, an IP:PORT, or a multiaddr. Can be repeated."`
	Bootstrap []string `toml:"bootstrap" group:"running" placeholder:"MULTIADDR" help:"A meeting point of your own, instead of the public ones, to find homes over the internet. Can be repeated."`
	LogLevel  *string  `toml:"log-level" group:"running" placeholder:"LEVEL" help:"What to log: debug, info, warn or error. If not given, warn."`
	Service   *string  `toml:"-" hidden:"" help:"What starts kith in the background; set by kith service install."`
	NoBrowser *bool    `toml:"no-browser" group:"running" negatable:"browser" help:"Don't open the page in a browser."`
}

// over lays o over what is below it: what o does not have shows through.
func (o options) over(below options) options {
	over(&o.Dir, below.Dir)
	over(&o.Page, below.Page)
	if o.Listen == nil {
		o.Listen = below.Listen
	}
	if o.Bootstrap == nil {
		o.Bootstrap = below.Bootstrap
	}
	over(&o.LogLevel, below.LogLevel)
	over(&o.NoBrowser, below.NoBrowser)
	return o
}

func over[T any](value **T, below *T) {
	if *value == nil {
		*value = below
	}
}

// settings is how a home is run, complete and checked.
type settings struct {
	dir       string // absolute
	page      string // address of the page, on the loopback interface
	pageGiven bool   // a person chose it, so no other will do
	listen    []string
	bootstrap []string
	logLevel  slog.Level
	noBrowser bool
	service   service.Kind // what starts kith in the background, "" by hand

	addresses func() ([]netip.Prefix, error) // of this computer on the home network; nil: as it is
	now       func() time.Time               // the clock of the home; nil for the real one
}

// settingsOf brings flags, environment, file and defaults together.
func settingsOf(flags options, env func(string) string) (settings, error) {
	dir, err := folderOf(flags, env)
	if err != nil {
		return settings{}, err
	}
	fromEnv, err := environment(env)
	if err != nil {
		return settings{}, err
	}
	fromFile, err := readSettings(filepath.Join(dir, settingsFile))
	if err != nil {
		return settings{}, err
	}
	o := flags.over(fromEnv).over(fromFile)

	s := settings{dir: dir, bootstrap: o.Bootstrap, logLevel: slog.LevelWarn, pageGiven: o.Page != nil}
	s.page = net.JoinHostPort("127.0.0.1", strconv.Itoa(standardPort))
	if o.Page != nil {
		if s.page, err = pageAddress(*o.Page); err != nil {
			return settings{}, err
		}
	}
	for _, address := range o.Listen {
		expanded, err := listenAddresses(address)
		if err != nil {
			return settings{}, err
		}
		s.listen = append(s.listen, expanded...)
	}
	if o.LogLevel != nil {
		if s.logLevel, err = logLevel(*o.LogLevel); err != nil {
			return settings{}, err
		}
	}
	s.noBrowser = o.NoBrowser != nil && *o.NoBrowser
	if o.Service != nil {
		s.service = service.Kind(*o.Service)
	}
	return s, nil
}

// folderOf returns the folder of the home. The settings file can't name it, because it is in there.
func folderOf(flags options, env func(string) string) (string, error) {
	dir := "."
	if value := env("KITH_DIR"); value != "" {
		dir = value
	}
	if flags.Dir != nil {
		dir = *flags.Dir
	}
	if dir == "" {
		return "", usagef("--dir is empty; it names the folder of a home")
	}
	return filepath.Abs(dir)
}

// environment reads the options from environment variables. One that is empty counts as not set. Lists are separated by
// commas.
func environment(env func(string) string) (options, error) {
	var o options
	text := func(name string) *string {
		if value := env(name); value != "" {
			return &value
		}
		return nil
	}
	list := func(name string) []string {
		value := env(name)
		if value == "" {
			return nil
		}
		items := strings.Split(value, ",")
		for i := range items {
			items[i] = strings.TrimSpace(items[i])
		}
		return items
	}
	o.Page = text("KITH_PAGE")
	o.Listen = list("KITH_LISTEN")
	o.Bootstrap = list("KITH_BOOTSTRAP")
	o.LogLevel = text("KITH_LOG_LEVEL")
	if value := text("KITH_NO_BROWSER"); value != nil {
		yes, err := strconv.ParseBool(*value)
		if err != nil {
			return options{}, usagef("KITH_NO_BROWSER is %q; it can be 1 or 0, true or false", *value)
		}
		o.NoBrowser = &yes
	}
	return o, nil
}

// readSettings reads the options from a settings file. That there is none is no error; one with an unknown key is, since
// a setting that does nothing because of a slip is worse than one that is refused.
func readSettings(path string) (options, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return options{}, nil
	}
	if err != nil {
		return options{}, err
	}
	if len(text) > maxSettingsFile {
		return options{}, usagef("%s is larger than a settings file can be", path)
	}
	var o options
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err = d.Decode(&o)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		first := unknown.Errors[0]
		line, _ := first.Position()
		return options{}, usagef("%s, line %d: there is no setting %q; the settings are page, listen, bootstrap, log-level, no-browser",
			path, line, strings.Join(first.Key(), "."))
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return options{}, usagef("%s, line %d: %s", path, line, strings.TrimPrefix(wrong.Error(), "toml: "))
	case err != nil:
		return options{}, usagef("%s: %v", path, err)
	}
	return o, nil
}

// pageAddress checks the address of the page: a port or an IP:PORT. Only the loopback interface will do, because the page
// speaks plain HTTP and is for the people at this computer.
func pageAddress(text string) (string, error) {
	host, port := "127.0.0.1", text
	if strings.Contains(text, ":") {
		var err error
		if host, port, err = net.SplitHostPort(text); err != nil {
			return "", usagef("%q is not an address for the page; 127.0.0.1:7480 is one", text)
		}
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", usagef("%q is not an address for the page: its port is a number from 0 to 65535", text)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", usagef("the page can't be at %q: it is for this computer only, so its address begins with 127.0.0.1", text)
	}
	return net.JoinHostPort(host, port), nil
}

// listenAddresses turns what a person writes into multiaddrs: a port stands for all interfaces, an IP:PORT for one of
// them, both over TCP and QUIC. A multiaddr stays as it is; package p2p checks it.
func listenAddresses(text string) ([]string, error) {
	if strings.HasPrefix(text, "/") {
		return []string{text}, nil
	}
	hosts, port := []string{"0.0.0.0", "::"}, text
	if strings.Contains(text, ":") {
		host, p, err := net.SplitHostPort(text)
		if err != nil {
			return nil, usagef("%q is not an address to listen on; 7481 or 0.0.0.0:7481 is one", text)
		}
		port = p
		if host != "" {
			hosts = []string{host}
		}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, usagef("%q is not an address to listen on: its port is a number from 0 to 65535", text)
	}
	var addresses []string
	for _, host := range hosts {
		ip := net.ParseIP(host)
		if ip == nil {
			return nil, usagef("%q is not an address to listen on: it begins with an IP address of this computer", text)
		}
		family := "ip6"
		if ip.To4() != nil {
			family = "ip4"
		}
		addresses = append(addresses,
			fmt.Sprintf("/%s/%s/tcp/%s", family, ip, port),
			fmt.Sprintf("/%s/%s/udp/%s/quic-v1", family, ip, port))
	}
	return addresses, nil
}

func logLevel(text string) (slog.Level, error) {
	switch text {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, usagef("%q is not a log level; they are debug, info, warn and error", text)
}
