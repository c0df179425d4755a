package key

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every secret prints as.
const redacted = "redacted"

// secret holds what must not be printed by accident. It is a function, of which fmt and every encoder show an address
// at most, whatever the verb and however deep it lies in other values; and it cannot be compared with ==.
type secret[T any] func() T

func hide[T any](v T) secret[T] { return func() T { return v } }

// What holds secrets prints as "redacted", as a value or behind a pointer, and logs the same.

// Format writes "redacted".
func (Device) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format writes "redacted".
func (Root) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format writes "redacted".
func (PersonKey) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format writes "redacted".
func (Words) Format(s fmt.State, _ rune) { writeRedacted(s) }

func (*networkSigner) Format(s fmt.State, _ rune) { writeRedacted(s) }

func writeRedacted(s fmt.State) { _, _ = io.WriteString(s, redacted) }

// String gives "redacted".
func (Device) String() string { return redacted }

// String gives "redacted".
func (Root) String() string { return redacted }

// String gives "redacted".
func (PersonKey) String() string { return redacted }

// String gives "redacted".
func (Words) String() string { return redacted }

func (*networkSigner) String() string { return redacted }

// LogValue gives "redacted".
func (Device) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue gives "redacted".
func (Root) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue gives "redacted".
func (PersonKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue gives "redacted".
func (Words) LogValue() slog.Value { return slog.StringValue(redacted) }

func (*networkSigner) LogValue() slog.Value { return slog.StringValue(redacted) }

// must is for calls that fail for no argument that they are given in this package: lengths and options are constants.
func must[T any](v T, err error) T {
	if err != nil {
		panic("key: " + err.Error()) //nolint:forbidigo // a defect of this package, which no caller could handle
	}
	return v
}
