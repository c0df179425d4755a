package social

import (
	"context"
	"time"

	"kith/internal/sqlite"
)

const (
	// memoriesOfDay is how many posts of one day are shown at most.
	memoriesOfDay = 12
	// maxYears is how far back it is looked.
	maxYears = 40
)

// Memory is what was posted on this day of an earlier year.
type Memory struct {
	Year  int    `json:"year"`
	Ago   int    `json:"ago"`             // years
	Count int    `json:"count"`           // of posts
	Posts []Post `json:"posts,omitempty"` // newest first
}

// OnThisDay lists what the owner and their friends posted on this day of earlier years, the latest year first, without
// whom the feed leaves out. Years without any are left out. On 29 February it is the earlier leap years.
func (h *Home) OnThisDay(ctx context.Context) ([]Memory, error) {
	days, err := h.memories(ctx)
	if err != nil {
		return nil, explain("look at this day in earlier years", err)
	}
	var list []Memory
	for _, day := range days {
		posts, err := h.showPosts(ctx, day.items, openComments)
		if err != nil {
			return nil, explain("look at this day in earlier years", err)
		}
		day.Posts = posts
		list = append(list, day.Memory)
	}
	return list, nil
}

// MemoriesToday tells how many posts OnThisDay has of which years, without the posts themselves.
func (h *Home) MemoriesToday(ctx context.Context) ([]Memory, error) {
	days, err := h.memories(ctx)
	if err != nil {
		return nil, explain("look at this day in earlier years", err)
	}
	var list []Memory
	for _, day := range days {
		list = append(list, day.Memory)
	}
	return list, nil
}

type memoryDay struct {
	Memory
	items []sqlite.Item
}

func (h *Home) memories(ctx context.Context) (days []memoryDay, err error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	first, err := h.db.FirstPost(ctx)
	if err != nil || first.IsZero() {
		return nil, err
	}
	now := h.now()
	var spans []sqlite.Span
	for ago := 1; ago <= maxYears && now.Year()-ago >= first.In(now.Location()).Year(); ago++ {
		from := time.Date(now.Year()-ago, now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
		if from.Day() != now.Day() {
			continue // there was no 29 February
		}
		spans = append(spans, sqlite.Span{From: from, To: from.AddDate(0, 0, 1)})
	}
	if len(spans) == 0 {
		return nil, nil
	}
	found, err := h.db.PostsWithin(ctx, spans, memoriesOfDay)
	if err != nil {
		return nil, err
	}
	see, err := h.sight(ctx)
	if err != nil {
		return nil, err
	}
	for i, items := range found {
		items, err := see.filter(ctx, items, true)
		if err != nil {
			return nil, err
		}
		if len(items) > 0 {
			year := spans[i].From.Year()
			days = append(days, memoryDay{Memory{Year: year, Ago: now.Year() - year, Count: len(items)}, items})
		}
	}
	return days, nil
}
