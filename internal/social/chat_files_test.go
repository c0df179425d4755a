package social_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"kith/internal/social"
)

func TestFilesInMessages(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	chat := ada.talksTo(ben)
	photo, err := ada.PrepareFile(t.Context(), social.NewFile{Name: "p.jpg", Type: "image/jpeg", Content: picture(t)})
	must(t, err)
	voice, err := ada.PrepareFile(t.Context(), social.NewFile{
		Name: "../../etc/voice.webm", Type: "audio/webm;codecs=opus", Lasting: 4200, Wave: []byte{1, 200, 3}, Content: strings.NewReader("not really sound"),
	})
	must(t, err)
	sent, err := ada.Send(t.Context(), chat.ID, social.NewMessage{Files: []social.PreparedFile{photo, voice}})
	must(t, err)
	if len(sent.Photos) != 1 || len(sent.Files) != 1 || sent.Files[0].Name != "voice.webm" || sent.Files[0].Type != "audio/webm" || !sent.Files[0].Here {
		t.Fatalf("sent: %+v", sent)
	}
	eventually(t, "Ben has the files", func() bool {
		m, err := ben.Message(t.Context(), sent.ID)
		return err == nil && m.Files[0].Here && m.Photos[0].Here && m.Files[0].Lasting == 4200 && len(m.Files[0].Wave) == 3
	})
	file, err := ben.OpenFile(t.Context(), sent.ID, 0)
	must(t, err)
	defer file.Content.Close()
	if raw, err := io.ReadAll(file.Content); err != nil || string(raw) != "not really sound" {
		t.Errorf("the file is %q, %v", raw, err)
	}
	picture, err := ben.Picture(t.Context(), sent.ID+".0.screen")
	must(t, err)
	picture.Content.Close()
	_, err = ada.PrepareFile(t.Context(), social.NewFile{Name: "big", Content: bytes.NewReader(make([]byte, 9<<20))})
	if code(err) != social.CodeTooLarge {
		t.Errorf("nine megabytes: %v", err)
	}
	must(t, ada.Delete(t.Context(), sent.ID))
	eventually(t, "it is gone at Ben's", func() bool { _, err := ben.OpenFile(t.Context(), sent.ID, 0); return code(err) == social.CodeNotFound })
}
