package key

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/canon"
)

// Device holds the three private keys of one machine: signing, network and sealing.
type Device struct{ keys secret[*deviceKeys] }

type deviceKeys struct {
	seeds   deviceSeeds
	signing ed25519.PrivateKey
	network ed25519.PrivateKey
	seal    sealKey
}

// deviceSeeds is the content of the device's key file.
type deviceSeeds struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Signing []byte
	Network []byte
	Sealing []byte
}

const deviceFileVersion = 1

// NewDevice makes the keys of a new device.
func NewDevice() *Device {
	seed := func() []byte {
		b := make([]byte, seedSize)
		rand.Read(b)
		return b
	}
	return newDevice(deviceSeeds{Version: deviceFileVersion, Signing: seed(), Network: seed(), Sealing: seed()})
}

func newDevice(seeds deviceSeeds) *Device {
	return &Device{hide(&deviceKeys{
		seeds:   seeds,
		signing: ed25519.NewKeyFromSeed(seeds.Signing),
		network: ed25519.NewKeyFromSeed(seeds.Network),
		seal:    newSealKey(seeds.Sealing),
	})}
}

// ID is the device's public signing key.
func (d *Device) ID() DeviceID { return DeviceID(d.keys().signing.Public().(ed25519.PublicKey)) }

// Peer is the device's public network key.
func (d *Device) Peer() PeerKey { return PeerKey(d.keys().network.Public().(ed25519.PublicKey)) }

// SealPublic is the key to which secrets for this device are sealed.
func (d *Device) SealPublic() SealPublic { return d.keys().seal.public() }

// Sign signs as the device.
func (d *Device) Sign(domain Domain, message []byte) Signature {
	return sign(d.keys().signing, domain, message)
}

// SignNetwork signs with the network key, to prove that the device holds it.
func (d *Device) SignNetwork(domain Domain, message []byte) Signature {
	return sign(d.keys().network, domain, message)
}

// Transport is the network key for the transport's handshakes.
func (d *Device) Transport() crypto.Signer { return &networkSigner{hide(d.keys().network)} }

// Open opens what was sealed to the device.
func (d *Device) Open(info, sealed []byte) ([]byte, error) { return d.keys().seal.open(info, sealed) }

// SaveDevice writes the keys to a file of mode 0600, so that a crash leaves either no file or a whole one.
func SaveDevice(path string, d *Device) error {
	raw, err := encodeDevice(d)
	if err != nil {
		return fmt.Errorf("key: encode device: %w", err)
	}
	return writeSecret(path, raw)
}

func encodeDevice(d *Device) ([]byte, error) { return canon.Marshal(d.keys().seeds) }

// LoadDevice reads what SaveDevice wrote. A missing file is fs.ErrNotExist; otherwise ErrDamaged and ErrNewer say what
// is wrong with it.
func LoadDevice(path string) (*Device, error) {
	raw, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	seeds, err := decodeDevice(raw)
	if err != nil {
		return nil, fmt.Errorf("key: %s: %w", path, err)
	}
	return newDevice(seeds), nil
}

// ErrNewer says that a key file was written by a later version of kith, in a form that this one does not know.
var ErrNewer = errors.New("written by a newer kith")

// ErrDamaged says that a file is not a key file, or not whole.
var ErrDamaged = errors.New("damaged")

func decodeDevice(raw []byte) (deviceSeeds, error) {
	// The version comes first, whatever follows it in a later one.
	var fields []cbor.RawMessage
	var version uint64
	if err := canon.UnmarshalOpen(raw, &fields); err != nil {
		return deviceSeeds{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(fields) == 0 || canon.Unmarshal(fields[0], &version) != nil {
		return deviceSeeds{}, fmt.Errorf("%w: no version", ErrDamaged)
	}
	if version > deviceFileVersion {
		return deviceSeeds{}, fmt.Errorf("%w: version %d", ErrNewer, version)
	}
	var seeds deviceSeeds
	if err := canon.Unmarshal(raw, &seeds); err != nil {
		return deviceSeeds{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if version != deviceFileVersion {
		return deviceSeeds{}, fmt.Errorf("%w: version %d", ErrDamaged, version)
	}
	for _, seed := range [][]byte{seeds.Signing, seeds.Network, seeds.Sealing} {
		if len(seed) != seedSize {
			return deviceSeeds{}, fmt.Errorf("%w: a seed of %d bytes", ErrDamaged, len(seed))
		}
	}
	return seeds, nil
}
