// Package village is a street of homes on one machine, for kith demo: who lives there, what they have told each other in
// the last days, and what goes on while somebody watches.
//
// The homes are real: Befriend makes real invites and accepts them, Found founds the club that all are in, Play writes real posts, and everything travels from
// home to home. Only the clock is not: while the script is played, the residents' homes think that it is some days
// earlier, so that the street has a past. Survey reads a home's folder back from disk, to tell whether everything that
// was written is there.
package village
