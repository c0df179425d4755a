package key

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// signatureVector is a signature and whether it is accepted for the run domain.
type signatureVector struct {
	Name      string `json:"name"`
	Public    hexed  `json:"public"`
	Message   hexed  `json:"message"`
	Signature hexed  `json:"signature"`
	Accept    bool   `json:"accept"`
}

const signatureFile = "testdata/signatures.json"

func TestSignatureVectors(t *testing.T) {
	if *update {
		writeJSON(t, signatureFile, makeSignatureVectors(t))
	}
	vectors := readJSON[[]signatureVector](t, signatureFile)
	accepted := 0
	for _, v := range vectors {
		id, sig := DeviceID(v.Public), Signature(v.Signature)
		if got := Verify(id, DomainRun, v.Message, sig); got != v.Accept {
			t.Errorf("%s: accepted %v, want %v", v.Name, got, v.Accept)
		}
		if got := plainVerify(id, DomainRun, v.Message, sig); got != v.Accept {
			t.Errorf("%s: the plain rule says %v, want %v", v.Name, got, v.Accept)
		}
		if v.Accept {
			accepted++
		}
	}
	if len(vectors) < 30 || accepted < 8 || accepted > len(vectors)-15 {
		t.Errorf("%d vectors, %d of them accepted: too one-sided to pin the rule", len(vectors), accepted)
	}
}

func makeSignatureVectors(t *testing.T) []signatureVector {
	var vectors []signatureVector
	add1 := func(name string, public [32]byte, message []byte, r [32]byte, s *big.Int) {
		scalar := little(s)
		sig := slices.Concat(r[:], scalar[:])
		accept := Verify(public, DomainRun, message, Signature(sig))
		vectors = append(vectors, signatureVector{name, public[:], message, sig, accept})
	}
	d := testDevice(1)
	public, message := [32]byte(d.ID()), []byte("an honest message")
	good := d.Sign(DomainRun, message)
	r, s := [32]byte(good[:32]), number(good[32:])

	add1("honest", public, message, r, s)
	add1("honest, empty message", public, nil, [32]byte(first(d.Sign(DomainRun, nil))), number(rest(d.Sign(DomainRun, nil))))
	add1("other message", public, []byte("another message"), r, s)
	add1("other key", testDevice(2).ID(), message, r, s)
	for _, domain := range []Domain{DomainCert, DomainWire, DomainInvite, DomainRecovery} {
		other := d.Sign(domain, message)
		add1("domain "+string(domain), public, message, [32]byte(first(other)), number(rest(other)))
	}
	plain := Signature(ed25519.Sign(d.keys().signing, message))
	add1("plain Ed25519", public, message, [32]byte(first(plain)), number(rest(plain)))
	add1("S + L", public, message, r, plus(s, orderL))
	add1("S + 2L", public, message, r, plus(s, plus(orderL, orderL)))
	add1("S = L", public, message, r, orderL)
	add1("S = 0", public, message, r, big.NewInt(0))
	add1("S - 1", public, message, r, new(big.Int).Sub(s, big.NewInt(1)))
	flipped := r
	flipped[31] ^= 0x80
	add1("sign of R", public, message, flipped, s)
	negated := public
	negated[31] ^= 0x80
	add1("sign of the key", negated, message, r, s)

	// Keys of small order: all of [S]B - [k]A is in a group of eight, so that signatures without a secret exist.
	small := smallOrder(t)
	one, minusOne := small[0], small[1]
	add1("neutral key, R neutral, S = 0", one, message, one, big.NewInt(0))
	add1("neutral key, R = [5]B, S = 5", one, message, encode(multiply(big.NewInt(5), base)), big.NewInt(5))
	add1("neutral key, S = L", one, message, one, orderL)
	for _, even := range []bool{true, false} {
		m := search(func(m []byte) bool { return (challenge(DomainRun, one, minusOne, m).Bit(0) == 0) == even })
		name := map[bool]string{true: "even", false: "odd"}[even]
		add1("key of order 2, R neutral, k "+name, minusOne, m, one, big.NewInt(0))
	}
	for i, p := range small[2:] {
		m := search(func(m []byte) bool {
			return new(big.Int).And(challenge(DomainRun, one, p, m), big.NewInt(7)).Sign() == 0
		})
		add1("small key "+string('a'+rune(i))+", k divisible by 8", p, m, one, big.NewInt(0))
		m = search(func(m []byte) bool { return challenge(DomainRun, one, p, m).Bit(0) == 1 })
		add1("small key "+string('a'+rune(i))+", k odd", p, m, one, big.NewInt(0))
	}

	// Encodings that are not canonical: y of p or more, and x = 0 with the sign of a negative.
	neutralAgain := little(plus(fieldP, big.NewInt(1)))
	negativeZero := one
	negativeZero[31] |= 0x80
	add1("neutral key as p + 1", neutralAgain, message, one, big.NewInt(0))
	add1("neutral key with a sign", negativeZero, message, one, big.NewInt(0))
	add1("R neutral as p + 1", one, message, neutralAgain, big.NewInt(0))
	add1("R neutral with a sign", one, message, negativeZero, big.NewInt(0))
	add1("key off the curve", little(big.NewInt(2)), message, one, big.NewInt(0))
	add1("key of all ones", [32]byte(bytes.Repeat([]byte{0xff}, 32)), message, one, big.NewInt(0))

	// A key and an R that are honest but for a part of small order. A rule with a cofactor accepts all of these.
	torsion, _ := decode(small[4])
	secret, prefix := expanded(d.keys().signing)
	mixed := encode(add(multiply(secret, base), torsion))
	signMixed := func(m []byte, public [32]byte, t point) ([32]byte, *big.Int, *big.Int) {
		nonce := new(big.Int).Mod(number(hash512(prefix, m)), orderL)
		r := encode(add(multiply(nonce, base), t))
		k := challenge(DomainRun, r, public, m)
		s := new(big.Int).Mod(plus(nonce, new(big.Int).Mul(k, secret)), orderL)
		return r, s, k
	}
	for _, vanishes := range []bool{true, false} {
		m := search(func(m []byte) bool {
			_, _, k := signMixed(m, mixed, neutral)
			return (new(big.Int).And(k, big.NewInt(7)).Sign() == 0) == vanishes
		})
		r, s, _ := signMixed(m, mixed, neutral)
		name := map[bool]string{true: "and k takes it away", false: "and k leaves it"}[vanishes]
		add1("key with a small part, "+name, mixed, m, r, s)
	}
	r2, s2, _ := signMixed(message, public, torsion)
	add1("R with a small part", public, message, r2, s2)
	return vectors
}

func first(sig Signature) []byte { return sig[:32] }
func rest(sig Signature) []byte  { return sig[32:] }

// smallOrder lists the eight points of small order: neutral, of order 2, of order 4, of order 8.
func smallOrder(t *testing.T) [][32]byte {
	t.Helper()
	var generator point
	for y := big.NewInt(2); ; y = plus(y, big.NewInt(1)) {
		p, ok := fromY(y, 0)
		if !ok {
			continue
		}
		if generator = multiply(orderL, p); encode(multiply(big.NewInt(4), generator)) != encode(neutral) {
			break
		}
	}
	var list [][32]byte
	for _, n := range []int64{0, 4, 2, 6, 1, 3, 5, 7} {
		list = append(list, encode(multiply(big.NewInt(n), generator)))
	}
	if encode(multiply(big.NewInt(8), generator)) != encode(neutral) {
		t.Fatal("not of order 8")
	}
	return list
}

func search(fits func([]byte) bool) []byte {
	for i := uint32(0); ; i++ {
		if m := binary.BigEndian.AppendUint32([]byte("message "), i); fits(m) {
			return m
		}
	}
}

func hash512(parts ...[]byte) []byte {
	h := sha512.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// expanded is the scalar and prefix of a private key (RFC 8032, section 5.1.5).
func expanded(private ed25519.PrivateKey) (*big.Int, []byte) {
	h := hash512(private.Seed())
	h[0] &= 248
	h[31] = h[31]&127 | 64
	return new(big.Int).Mod(number(h[:32]), orderL), h[32:]
}

func TestPlainRuleAgreesWithHonestSigners(t *testing.T) {
	d := testDevice(3)
	for i := range 5 {
		message := bytes.Repeat([]byte{byte(i)}, i*40)
		sig := d.Sign(DomainCert, message)
		if !Verify(d.ID(), DomainCert, message, sig) || !plainVerify(d.ID(), DomainCert, message, sig) {
			t.Fatal("an honest signature is refused")
		}
		sig[i] ^= 1
		if Verify(d.ID(), DomainCert, message, sig) || plainVerify(d.ID(), DomainCert, message, sig) {
			t.Fatal("an altered signature is accepted")
		}
	}
}

func TestEveryBitOfASignature(t *testing.T) {
	d, message := testDevice(1), []byte("message")
	good := d.Sign(DomainRun, message)
	for bit := range SignatureSize * 8 {
		sig := good
		sig[bit/8] ^= 1 << (bit % 8)
		if Verify(d.ID(), DomainRun, message, sig) {
			t.Errorf("accepted with bit %d flipped", bit)
		}
	}
}

func TestDomainsAreApart(t *testing.T) {
	d, message := testDevice(1), []byte("message")
	domains := []Domain{DomainRun, DomainCert, DomainWire, DomainInvite, DomainRecovery}
	for _, made := range domains {
		sig, network := d.Sign(made, message), d.SignNetwork(made, message)
		for _, asked := range domains {
			if Verify(d.ID(), asked, message, sig) != (made == asked) {
				t.Errorf("made for %q, asked for %q", made, asked)
			}
			if d.Peer().Verify(asked, message, network) != (made == asked) {
				t.Errorf("network key: made for %q, asked for %q", made, asked)
			}
		}
		id := d.ID()
		if ed25519.Verify(id[:], message, sig[:]) {
			t.Errorf("%q: counts as plain Ed25519", made)
		}
	}
}

// A domain that is empty would make the signature plain Ed25519, as the transport makes it.
func TestDomainIsBounded(t *testing.T) {
	d, message := testDevice(1), []byte("message")
	plain := Signature(ed25519.Sign(d.keys().signing, message))
	if Verify(d.ID(), "", message, plain) {
		t.Error("the empty domain verifies plain Ed25519")
	}
	for _, domain := range []Domain{"", Domain(strings.Repeat("x", 256))} {
		if Verify(d.ID(), domain, message, plain) {
			t.Errorf("verified for a domain of %d bytes", len(domain))
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("signed for a domain of %d bytes", len(domain))
				}
			}()
			d.Sign(domain, message)
		}()
	}
	longest := Domain(strings.Repeat("x", 255))
	if !Verify(d.ID(), longest, message, d.Sign(longest, message)) {
		t.Error("a domain of 255 bytes does not work")
	}
}

func TestTransportSignsPlainly(t *testing.T) {
	d, message := testDevice(1), []byte("handshake")
	sig, err := d.Transport().Sign(nil, message, crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	public, ok := d.Transport().Public().(ed25519.PublicKey)
	if !ok || !ed25519.Verify(public, message, sig) || PeerKey(public) != d.Peer() {
		t.Error("the transport's signature does not verify under the network key")
	}
	for _, domain := range []Domain{DomainRun, DomainCert, DomainWire, DomainInvite, DomainRecovery} {
		if d.Peer().Verify(domain, message, Signature(sig)) {
			t.Errorf("the transport's signature counts for %q", domain)
		}
	}
}
