package village

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"math/rand/v2"
	"time"

	"kith/internal/social"
	"kith/internal/village/art"
)

const (
	// The size of a generated picture, and its quality: what a phone of some years ago took.
	longSide, shortSide = 1600, 1200
	jpegQuality         = 88
	// between two things that happen while somebody watches.
	quickest, slowest = 6 * time.Second, 14 * time.Second
)

// Play writes the village's past. It returns the IDs of all posts and comments that it wrote.
func (s *Street) Play(ctx context.Context) ([]string, error) {
	defer s.Clock.set(0)
	posts := make(map[string]string)
	var written []string
	for _, a := range script {
		s.Clock.set(a.ago)
		id, err := s.perform(ctx, a, posts)
		if err != nil {
			return nil, fmt.Errorf("%s, %q: %w", Residents()[a.who].Name, a.name, err)
		}
		if id != "" {
			written = append(written, id)
		}
		if a.post != "" {
			posts[a.name] = id
			s.Progress(fmt.Sprintf("%s posted", Residents()[a.who].Name))
		}
	}
	return written, nil
}

// perform does one act. One that is about a post waits until the post has arrived.
func (s *Street) perform(ctx context.Context, a act, posts map[string]string) (string, error) {
	home := s.Homes[a.who]
	if a.post != "" {
		to := ""
		if a.club {
			to = s.club
		}
		return publish(ctx, home, to, a.post, a.photos)
	}
	post := posts[a.name]
	if err := s.arrived(ctx, home, post); err != nil {
		return "", err
	}
	if a.emoji != "" {
		return "", home.React(ctx, post, a.emoji)
	}
	comment, err := home.Comment(ctx, post, a.say)
	return comment.ID, err
}

// arrived waits until a post can be read at a home.
func (s *Street) arrived(ctx context.Context, home *social.Home, post string) error {
	return until(ctx, func() (bool, error) {
		_, err := home.Post(ctx, post)
		var told *social.Error
		if errors.As(err, &told) && told.Code == social.CodeNotFound {
			return false, nil
		}
		return err == nil, err
	})
}

// publish posts to a group, or to friends where to is empty.
func publish(ctx context.Context, home *social.Home, to, text string, photos []scene) (string, error) {
	post := social.NewPost{Text: text, To: to}
	for _, p := range photos {
		width, height := shortSide, longSide
		if p.wide {
			width, height = longSide, shortSide
		}
		var picture bytes.Buffer
		if err := jpeg.Encode(&picture, art.Scene(p.motif, p.seed, width, height), &jpeg.Options{Quality: jpegQuality}); err != nil {
			return "", err
		}
		photo, err := home.AddPhoto(ctx, &picture)
		if err != nil {
			return "", err
		}
		post.Photos = append(post.Photos, social.NewPhoto{ID: photo.ID, Alt: p.alt})
	}
	published, err := home.Publish(ctx, post)
	return published.ID, err
}

// Live lets the village go on until ctx ends: now and then somebody posts, comments or reacts.
func (s *Street) Live(ctx context.Context) error {
	var next int
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(quickest + rand.N(slowest-quickest)):
		}
		if err := s.happen(ctx, &next); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// happen lets one thing happen.
func (s *Street) happen(ctx context.Context, next *int) error {
	if rand.IntN(4) == 0 {
		n := news[*next%len(news)]
		*next++
		var photos []scene
		for _, motif := range n.motifs {
			photos = append(photos, scene{motif: motif, seed: rand.Uint64(), alt: "A picture that " + Residents()[n.who].Name + " took", wide: true})
		}
		_, err := publish(ctx, s.Homes[n.who], "", n.text, photos)
		return err
	}
	who := rand.IntN(len(s.Homes))
	home := s.Homes[who]
	feed, err := home.Feed(ctx, "", 6)
	if err != nil || len(feed.Posts) == 0 {
		return err
	}
	post := feed.Posts[rand.IntN(len(feed.Posts))]
	if post.Author.Me {
		return nil
	}
	if rand.IntN(2) == 0 {
		return home.React(ctx, post.ID, emojis[rand.IntN(len(emojis))])
	}
	_, err = home.Comment(ctx, post.ID, remarks[rand.IntN(len(remarks))])
	return err
}
