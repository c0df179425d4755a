//go:build race

package simulation

// raced: under the race detector, the source of randomness is not exchanged while sessions run.
const raced = true
