package key

import (
	"crypto/sha512"
	"math/big"
)

// A second, slow Ed25519 on big integers, written from RFC 8032 alone. It makes the edge cases that no honest signer
// makes, and says what the cofactorless rule answers to them.

type point struct{ x, y *big.Int }

var (
	fieldP  = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	orderL  = plus(new(big.Int).Lsh(big.NewInt(1), 252), decimal("27742317777372353535851937790883648493"))
	curveD  = inField(new(big.Int).Mul(big.NewInt(-121665), inverse(big.NewInt(121666))))
	neutral = point{big.NewInt(0), big.NewInt(1)}
	base    = mustPoint(inField(new(big.Int).Mul(big.NewInt(4), inverse(big.NewInt(5)))), 0)
)

func decimal(s string) *big.Int          { n, _ := new(big.Int).SetString(s, 10); return n }
func plus(a, b *big.Int) *big.Int        { return new(big.Int).Add(a, b) }
func inField(a *big.Int) *big.Int        { return new(big.Int).Mod(a, fieldP) }
func inverse(a *big.Int) *big.Int        { return new(big.Int).ModInverse(inField(a), fieldP) }
func times(a ...*big.Int) *big.Int       { return product(a) }
func mustPoint(y *big.Int, s uint) point { p, _ := fromY(y, s); return p }

func product(list []*big.Int) *big.Int {
	out := big.NewInt(1)
	for _, a := range list {
		out = inField(out.Mul(out, a))
	}
	return out
}

// fromY finds the x for a y, by x² = (y² - 1) / (d y² + 1).
func fromY(y *big.Int, sign uint) (point, bool) {
	y = inField(y)
	yy := times(y, y)
	xx := times(new(big.Int).Sub(yy, big.NewInt(1)), inverse(plus(times(curveD, yy), big.NewInt(1))))
	x := new(big.Int).ModSqrt(xx, fieldP)
	if x == nil {
		return point{}, false
	}
	if x.Bit(0) != sign {
		x = inField(new(big.Int).Neg(x))
	}
	return point{x, y}, true
}

func add(a, b point) point {
	t := times(curveD, a.x, b.x, a.y, b.y)
	x := times(plus(times(a.x, b.y), times(b.x, a.y)), inverse(plus(big.NewInt(1), t)))
	y := times(plus(times(a.y, b.y), times(a.x, b.x)), inverse(new(big.Int).Sub(big.NewInt(1), t)))
	return point{x, y}
}

func multiply(n *big.Int, p point) point {
	out := neutral
	for i := n.BitLen() - 1; i >= 0; i-- {
		if out = add(out, out); n.Bit(i) == 1 {
			out = add(out, p)
		}
	}
	return out
}

func encode(p point) [32]byte {
	out := little(p.y)
	out[31] |= byte(p.x.Bit(0)) << 7
	return out
}

// decode reads a point, canonical or not.
func decode(raw [32]byte) (point, bool) {
	sign := uint(raw[31] >> 7)
	raw[31] &= 0x7f
	return fromY(number(raw[:]), sign)
}

func little(n *big.Int) (out [32]byte) {
	for i, b := range n.FillBytes(make([]byte, 32)) {
		out[31-i] = b
	}
	return out
}

func number(raw []byte) *big.Int {
	reversed := make([]byte, len(raw))
	for i, b := range raw {
		reversed[len(raw)-1-i] = b
	}
	return new(big.Int).SetBytes(reversed)
}

// challenge is the k of RFC 8032 for Ed25519ctx.
func challenge(domain Domain, r, public [32]byte, message []byte) *big.Int {
	h := sha512.New()
	h.Write([]byte("SigEd25519 no Ed25519 collisions"))
	h.Write([]byte{0, byte(len(domain))})
	h.Write([]byte(domain))
	h.Write(r[:])
	h.Write(public[:])
	h.Write(message)
	return new(big.Int).Mod(number(h.Sum(nil)), orderL)
}

// plainVerify is the rule that kith pins: S below L, and encode([S]B - [k]A) byte for byte the R given.
func plainVerify(id DeviceID, domain Domain, message []byte, sig Signature) bool {
	a, ok := decode(id)
	s := number(sig[32:])
	if !ok || s.Cmp(orderL) >= 0 {
		return false
	}
	r := [32]byte(sig[:32])
	k := challenge(domain, r, id, message)
	minusA := point{inField(new(big.Int).Neg(a.x)), a.y}
	return encode(add(multiply(s, base), multiply(k, minusA))) == r
}
