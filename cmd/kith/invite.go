package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"kith/internal/social"
)

type inviteCmd struct {
	Label string   `short:"l" placeholder:"WORDS" help:"A note for yourself of whom it is for."`
	LetIn bool     `help:"Whoever uses it becomes a friend at once. Without it you are asked first."`
	For   lifetime `placeholder:"TIME" help:"How long it lasts, such as 30m, 12h or 7d. If not given, 7 days."`
	Code  bool     `xor:"form" help:"Print the code alone."`
	Link  bool     `xor:"form" help:"Print the link alone."`
	QR    bool     `name:"qr" xor:"form" help:"Draw the link as a QR code, for a camera."`
	JSON  bool     `name:"json" xor:"form" help:"Print the invite as JSON."`
}

func (*inviteCmd) Help() string {
	return `An invite works once. Send it in a way that only the one you mean can read. Until somebody has used it, you can take it back:
kith invites take-back.

Examples:

    kith invite --label Ada
    kith invite --let-in --for 1h --code
    kith invite --qr`
}

func (c *inviteCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	invite, err := client.Invite(a.ctx, social.InviteOptions{LetIn: c.LetIn, Label: c.Label, For: time.Duration(c.For)})
	if err != nil {
		return err
	}
	p := a.printer()
	switch {
	case c.JSON:
		return a.writeJSON(invite)
	case c.Code:
		p.printf("%s\n", invite.Code)
	case c.Link:
		p.printf("%s\n", invite.Link)
	case c.QR:
		picture, err := drawQR(invite.Link)
		if err != nil {
			return err
		}
		p.printf("%s", picture)
	default:
		p.printf("%s\n", strings.TrimRight(invite.Message, "\n"))
	}
	if p.fancy && !c.Code && !c.Link {
		how := "When somebody uses it, you are asked: kith invites."
		if invite.LetIn {
			how = "Whoever uses it becomes your friend at once."
		}
		p.printf("\n%s\n", p.dim("It works once and runs out "+p.when(invite.Expires)+". "+how))
	}
	return p.err
}

// lifetime is a length of time that can be given in days too.
type lifetime time.Duration

func (l lifetime) duration() time.Duration { return time.Duration(l) }

// UnmarshalText reads "7d" as seven days, and everything else as time.ParseDuration does.
func (l *lifetime) UnmarshalText(text []byte) error {
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 3650 {
			return fmt.Errorf("%q is not a number of days", s)
		}
		*l = lifetime(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not a length of time; 30m, 12h and 7d are", s)
	}
	*l = lifetime(d)
	return nil
}

// quiet is how many light modules surround a QR code, as ISO/IEC 18004 asks for.
const quiet = 4

// drawQR draws a QR code with half blocks, two modules of height in a line. Light is drawn and dark is left out, which reads
// well on a dark terminal, and with any reader that takes inverted codes on a light one.
func drawQR(text string) (string, error) {
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: quiet})
	if err != nil {
		return "", fmt.Errorf("drawing the QR code: %w", err)
	}
	var b strings.Builder
	light := func(x, y int) bool { return y >= m.GetHeight() || !m.Get(x, y) }
	for y := 0; y < m.GetHeight(); y += 2 {
		for x := range m.GetWidth() {
			switch above, below := light(x, y), light(x, y+1); {
			case above && below:
				b.WriteRune('█')
			case above:
				b.WriteRune('▀')
			case below:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}
