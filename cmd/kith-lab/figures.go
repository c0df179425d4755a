package main

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// mega is a million bytes.
const mega = 1e6

// round keeps as many digits behind the point as a figure deserves.
func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

// per is a rate by second.
func per(n int, d time.Duration) float64 { return round(float64(n)/d.Seconds(), 0) }

// milliseconds of a duration, to the microsecond.
func milliseconds(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond), 3) }

// percentile of a list that is not empty: the least value that at least p percent do not exceed.
func percentile[T cmp.Ordered](list []T, p float64) T {
	sorted := slices.Sorted(slices.Values(list))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func median[T cmp.Ordered](list []T) T { return percentile(list, 50) }

// medianOf is the median of one figure of several runs.
func medianOf[R any](runs []R, figure func(R) float64) float64 {
	values := make([]float64, len(runs))
	for i, run := range runs {
		values[i] = figure(run)
	}
	return median(values)
}
