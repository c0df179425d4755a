// Package simulation lets small villages of real homes live through bad days, many thousands of them, on a fake clock,
// and checks what must never break. All of it is in tests; kith-lab sim runs them, many at a time, and counts.
//
// Real are the gate, the store (SQLite, in memory-backed folders where there are any), the folds, the keys and their
// wraps, package peering, and, over simulated lines, the sync sessions. Simulated are people, time and the network.
//
// The terms:
//
//   - A seed is one life of one village: everything random in it comes from the seed, the keys included.
//   - A chapter is a stretch of it: some acts, then deliveries, then what goes wrong.
//   - A courier carries entries from home to home without a line: part of them, twice, in any order. It goes through
//     the same doors as a session (replicate.Local).
//   - An acknowledged post is one for which Publish returned without an error.
//   - The referee is a home of nobody's that is shown everything any home holds, in an order of its own. What it comes
//     to is what the members' homes have to come to.
//
// A safety seed moves everything by couriers. A liveness seed moves it by sessions over lines that are slow and break in
// the middle, and once the network is whole again gives it 60 seconds of the fake clock.
package simulation
