package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"kith/internal/api"
)

// maxInput bounds a text that is read from the standard input.
const maxInput = 1 << 20

type postCmd struct {
	Text  []string `arg:"" optional:"" help:"What to write. If not given, or “-”, it is read from the standard input."`
	Photo []string `short:"p" sep:"none" type:"existingfile" placeholder:"FILE" help:"A photo to go with it. Can be repeated, up to 20 times."`
	Alt   []string `sep:"none" placeholder:"WORDS" help:"Describes a photo for those who can't see it: the first --alt the first photo, and so on."`
	To    string   `placeholder:"NAME" help:"Who sees it: a group or a list of friends, by name, or “Only me”. If not given, your friends."`
	JSON  bool     `name:"json" help:"Print the post as JSON."`
}

func (*postCmd) Help() string {
	return `Your friends see the post, and nobody else; with --to those whom you name. kith audience lists whom that can be.

Examples:

    kith post "Home at last"
    kith post --photo cat.jpg --alt "The cat on the windowsill"
    kith post --to Family "For the family only"
    fortune | kith post`
}

func (c *postCmd) Run(a *app) error {
	if len(c.Alt) > len(c.Photo) {
		return usagef("there are more descriptions (--alt) than photos (--photo)")
	}
	text, err := a.text(c.Text, len(c.Photo) > 0)
	if err != nil {
		return err
	}
	var photos []api.PhotoFile
	for i, path := range c.Photo {
		f, err := os.Open(path)
		if err != nil {
			return usagef("the photo %s can't be read: %w", path, err)
		}
		defer f.Close()
		photo := api.PhotoFile{Content: f}
		if i < len(c.Alt) {
			photo.Alt = c.Alt[i]
		}
		photos = append(photos, photo)
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	to := ""
	if c.To != "" {
		audience, err := findAudience(a.ctx, client, c.To)
		if err != nil {
			return err
		}
		to = audience.Space
	}
	post, err := client.PublishTo(a.ctx, to, text, photos)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(post)
	}
	p := a.printer()
	p.printf("Posted %s for %s.\n", p.bold(short(post.ID)), readers(post.Audience))
	return p.err
}

// text returns what a person wants to say: the words of the command line, or the standard input where there are none.
// With photos no text is needed.
func (a *app) text(words []string, optional bool) (string, error) {
	if len(words) > 0 && (len(words) != 1 || words[0] != "-") {
		return strings.Join(words, " "), nil
	}
	if len(words) == 0 && (optional || a.asks()) {
		if optional {
			return "", nil
		}
		return "", usagef("there is nothing to say: write it after the command")
	}
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() { // ends with the input, which belongs to the process
		text, err := io.ReadAll(io.LimitReader(a.stdin, maxInput+1))
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return "", fmt.Errorf("reading the standard input: %w", r.err)
		}
		if len(r.text) > maxInput {
			return "", usagef("the text on the standard input is too long")
		}
		return strings.TrimRight(string(r.text), "\r\n"), nil
	case <-a.ctx.Done():
		return "", a.ctx.Err()
	}
}
