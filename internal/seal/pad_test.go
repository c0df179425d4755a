package seal

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestBuckets(t *testing.T) {
	before, buckets := 0, 0
	for n := 1; n <= MaxPlaintext+1; n++ {
		b := bucket(n)
		switch {
		case b < n:
			t.Fatalf("%d bytes in a bucket of %d", n, b)
		case b < before:
			t.Fatalf("the bucket of %d is smaller than that of %d", n, n-1)
		case n <= 256 && (b%32 != 0 || b-n >= 32):
			t.Fatalf("%d bytes in a bucket of %d", n, b)
		case n > 256 && (b-n)*100 > 12*n:
			t.Fatalf("%d bytes in a bucket of %d: more than 12 %%", n, b)
		case bucket(b) != b:
			t.Fatalf("the bucket of %d is %d, and its own %d", n, b, bucket(b))
		}
		if b != before {
			buckets++
		}
		before = b
	}
	if buckets > 130 {
		t.Errorf("%d lengths can be told apart", buckets)
	}
}

func TestPad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0x80, 'a'}), 0, 600).Draw(t, "plain")
		padded := pad(plain)
		if len(padded) != bucket(len(plain)+1) {
			t.Fatalf("%d bytes padded to %d", len(plain), len(padded))
		}
		back, err := unpad(padded)
		if err != nil || !bytes.Equal(back, plain) {
			t.Fatalf("%x became %x, %v", plain, back, err)
		}
	})
}
