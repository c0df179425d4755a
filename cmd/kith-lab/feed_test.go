package main

import "testing"

func TestFeed(t *testing.T) {
	f := measure(t, "feed", "--posts", "120", "--authors", "3", "--requests", "5")
	equal(t, f, map[string]float64{"posts": 120, "authors": 3, "search_terms": 5})
	above(t, f, "home_p50_ms", "home_p99_ms", "home_bytes", "profile_p50_ms", "profile_p99_ms", "thread_p50_ms", "thread_p99_ms",
		"search_p50_ms", "search_p99_ms", "search_found", "post_per_s_empty", "post_per_s", "of_empty", "build_per_s", "disk_bytes_per_post")
}
