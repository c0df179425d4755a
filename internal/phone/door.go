package phone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"kith/internal/access"
)

const (
	collection = "phone"
	record     = "settings"

	// firstPort is tried first, and nearbyPorts after it, before any free one: bookmarks on phones go on working.
	firstPort   = 7490
	nearbyPorts = 20

	// lookEvery is how often it is looked whether the network is the one that the door is open to.
	lookEvery = 15 * time.Second
)

// ErrNoNetwork says that this computer is on no network with a private IPv4 address.
var ErrNoNetwork = errors.New("phone: this computer is on no home network right now")

// ErrOff says that the door is not open, so no phone can be paired.
var ErrOff = errors.New("phone: the page is not open to phones right now")

// ErrNeedsPassword says that a password can't be asked for, because none is set.
var ErrNeedsPassword = errors.New("phone: no password is set")

// Store keeps small documents; *sqlite.DB is one.
type Store interface {
	Get(ctx context.Context, collection, id string, value any) (found bool, err error)
	Put(ctx context.Context, collection, id string, value any) error
}

// Gate is what the door needs of package access; *access.Gate is one.
type Gate interface {
	PairingToken(ctx context.Context, name string) (token string, expires time.Time, err error)
	Pairable(token string) bool
	DropPairings()
	HasPassword(ctx context.Context) (bool, error)
	Sessions(ctx context.Context) ([]access.Session, error)
	End(ctx context.Context, id string) error
}

// Config is what a Door needs. Store, Gate and Log are required.
type Config struct {
	Store     Store
	Gate      Gate
	Log       *slog.Logger
	Addresses func() ([]netip.Prefix, error) // nil: Addresses
	Every     time.Duration                  // 0: lookEvery
}

// settings is what is kept of the door.
type settings struct {
	On          bool         `json:"on"`
	Network     netip.Prefix `json:"network"` // masked
	Port        uint16       `json:"port"`
	AskPassword bool         `json:"ask_password"`
}

// Status says how it is with the door.
type Status struct {
	On          bool   `json:"on"`
	AskPassword bool   `json:"ask_password"`      // for pairing, beside the link
	Address     string `json:"address,omitempty"` // "http://192.168.1.20:7490"; "" while it is not open
	Network     string `json:"network,omitempty"` // for which it is on: "192.168.1.0/24"
	Trouble     string `json:"trouble,omitempty"` // why it is not open although it is on, as a sentence
}

// Pairing is a link that pairs one phone.
type Pairing struct {
	Link    string    `json:"link"`
	Name    string    `json:"name"`
	Expires time.Time `json:"expires"`
	token   string
}

// Phone is a phone that is paired.
type Phone struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	UserAgent string    `json:"user_agent"`
	Paired    time.Time `json:"paired"`
	LastSeen  time.Time `json:"last_seen"`
}

// Door is the way in from the home network. It is safe for concurrent use. Close shuts it.
type Door struct {
	cfg     Config
	handler http.Handler

	mu       sync.Mutex
	settings settings
	pairing  Pairing
	trouble  string
	open     *opened

	stop context.CancelFunc
	done chan struct{}
}

// New reads the settings. Nothing listens before Serve.
func New(ctx context.Context, cfg Config) (*Door, error) {
	if cfg.Addresses == nil {
		cfg.Addresses = Addresses
	}
	if cfg.Every == 0 {
		cfg.Every = lookEvery
	}
	d := &Door{cfg: cfg}
	_, err := cfg.Store.Get(ctx, collection, record, &d.settings)
	return d, err
}

// Serve opens the door to handler if it is switched on, and from then on whenever it is. It is called once.
func (d *Door) Serve(ctx context.Context, handler http.Handler) {
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.mu.Lock()
	d.handler, d.stop, d.done = handler, stop, make(chan struct{})
	d.look()
	d.mu.Unlock()
	go func() {
		defer close(d.done)
		ticker := time.NewTicker(d.cfg.Every)
		defer ticker.Stop()
		for {
			select {
			case <-life.Done():
				return
			case <-ticker.C:
				d.mu.Lock()
				d.look()
				d.mu.Unlock()
			}
		}
	}()
}

// Close shuts the door for good. Who is being answered is cut off.
func (d *Door) Close() error {
	if d.stop == nil {
		return nil
	}
	d.stop()
	<-d.done
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shut()
}

// look opens the door, shuts it or leaves it, as settings and network have it. The caller holds mu.
func (d *Door) look() {
	d.trouble = ""
	if !d.settings.On || d.handler == nil {
		d.close()
		return
	}
	addresses, err := d.cfg.Addresses()
	if err != nil {
		d.trouble = "The network of this computer could not be looked at. It is tried again by itself."
		d.cfg.Log.Warn("the addresses of this computer can't be read", "error", err)
		return
	}
	var at netip.Prefix
	for _, a := range addresses {
		if a.Masked() == d.settings.Network && (!at.IsValid() || d.open != nil && a == d.open.at) {
			at = a
		}
	}
	if d.open != nil && d.open.at == at {
		return
	}
	d.close()
	if !at.IsValid() {
		d.trouble = "This computer is not on the network that it was switched on for (" + d.settings.Network.String() +
			"), so nothing is open. It opens by itself when it is back there; to use it here, switch it off and on again."
		return
	}
	if d.open, err = d.listen(at); err != nil {
		d.open = nil
		d.trouble = "The page could not be opened to the network. It is tried again by itself."
		d.cfg.Log.Warn("the page can't be opened to the home network", "address", at.Addr(), "error", err)
	}
}

func (d *Door) close() {
	if err := d.shut(); err != nil {
		d.cfg.Log.Warn("the door for phones was not shut cleanly", "error", err)
	}
}

// shut ends the listener. The caller holds mu.
func (d *Door) shut() error {
	if d.open == nil {
		return nil
	}
	err := d.open.close()
	d.open = nil
	return err
}

// Status says how it is with the door.
func (d *Door) Status(context.Context) (Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status(), nil
}

func (d *Door) status() Status {
	s := Status{On: d.settings.On, AskPassword: d.settings.AskPassword, Trouble: d.trouble}
	if s.On {
		s.Network = d.settings.Network.String()
	}
	if d.open != nil {
		s.Address = "http://" + d.open.host
	}
	return s
}

// Switch opens the door to the network on which this computer is now, or shuts it. Phones stay paired.
func (d *Door) Switch(ctx context.Context, on bool) (Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := d.settings
	if next.On = on; on {
		addresses, err := d.cfg.Addresses()
		if err != nil {
			return Status{}, err
		}
		if len(addresses) == 0 {
			return Status{}, ErrNoNetwork
		}
		if !d.settings.On || !onNetwork(addresses, next.Network) {
			next.Network = addresses[0].Masked()
		}
	} else {
		d.pairing = Pairing{}
		d.cfg.Gate.DropPairings()
	}
	if err := d.keep(ctx, next); err != nil {
		return Status{}, err
	}
	d.look()
	return d.status(), nil
}

func onNetwork(addresses []netip.Prefix, network netip.Prefix) bool {
	for _, a := range addresses {
		if a.Masked() == network {
			return true
		}
	}
	return false
}

// AskPassword sets whether pairing asks for the password as well. It returns ErrNeedsPassword if none is set.
func (d *Door) AskPassword(ctx context.Context, ask bool) error {
	if ask {
		has, err := d.cfg.Gate.HasPassword(ctx)
		if err != nil {
			return err
		}
		if !has {
			return ErrNeedsPassword
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	next := d.settings
	next.AskPassword = ask
	return d.keep(ctx, next)
}

// keep stores the settings. The caller holds mu.
func (d *Door) keep(ctx context.Context, next settings) error {
	if err := d.cfg.Store.Put(ctx, collection, record, next); err != nil {
		return err
	}
	d.settings = next
	return nil
}

// Pair makes a link that pairs one phone, in the place of the one before. It returns ErrOff if the door is not open.
func (d *Door) Pair(ctx context.Context, name string) (Pairing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		return Pairing{}, ErrOff
	}
	d.cfg.Gate.DropPairings()
	token, expires, err := d.cfg.Gate.PairingToken(ctx, name)
	if err != nil {
		return Pairing{}, err
	}
	d.pairing = Pairing{Link: "http://" + d.open.host + "/signin#" + token, Name: name, Expires: expires, token: token}
	return d.pairing, nil
}

// Pairing is the link that was made last, if it can still be used.
func (d *Door) Pairing() (Pairing, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil || d.pairing.token == "" || !d.cfg.Gate.Pairable(d.pairing.token) {
		return Pairing{}, false
	}
	return d.pairing, true
}

// Phones lists the phones that are paired, the most recently used first.
func (d *Door) Phones(ctx context.Context) ([]Phone, error) {
	sessions, err := d.cfg.Gate.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	phones := make([]Phone, 0, len(sessions))
	for _, s := range sessions {
		if s.Phone != "" {
			phones = append(phones, Phone{ID: s.ID, Name: s.Phone, UserAgent: s.UserAgent, Paired: s.Created, LastSeen: s.LastSeen})
		}
	}
	return phones, nil
}

// Remove ends the pairing of a phone at once. It returns access.ErrNoSession if there is none of this ID.
func (d *Door) Remove(ctx context.Context, id string) error {
	phones, err := d.Phones(ctx)
	if err != nil {
		return err
	}
	for _, p := range phones {
		if p.ID == id {
			return d.cfg.Gate.End(ctx, id)
		}
	}
	return access.ErrNoSession
}

// Host is the value of the Host header that the door answers to; "" while it is shut.
func (d *Door) Host() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		return ""
	}
	return d.open.host
}

// listen opens a listener on an address. The caller holds mu.
func (d *Door) listen(at netip.Prefix) (*opened, error) {
	var config net.ListenConfig
	ports := []uint16{}
	if d.settings.Port != 0 {
		ports = append(ports, d.settings.Port)
	}
	for i := range uint16(nearbyPorts) {
		ports = append(ports, firstPort+i)
	}
	ports = append(ports, 0)
	var errs []error
	for _, port := range ports {
		l, err := config.Listen(context.Background(), "tcp4", netip.AddrPortFrom(at.Addr(), port).String())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if taken := netip.MustParseAddrPort(l.Addr().String()).Port(); taken != d.settings.Port {
			next := d.settings
			next.Port = taken
			if err := d.keep(context.Background(), next); err != nil {
				return nil, errors.Join(err, l.Close())
			}
		}
		return open(l, at, d.handler, d.cfg.Log), nil
	}
	return nil, fmt.Errorf("phone: %w", errs[len(errs)-1])
}
