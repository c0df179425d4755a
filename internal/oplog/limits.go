package oplog

const (
	// Version is the version of the header format.
	Version = 1
	// MaxPayload bounds a payload. A post of 40,000 characters with 20 photos fits; larger things are blobs.
	MaxPayload = 64 << 10
	// MaxDeps bounds the entries that a header may name besides the one before it. A membership operation
	// that has seen more heads first merges them.
	MaxDeps = 16
	// maxHeader bounds a header: 138 bytes with the largest numbers, 34 for each dep, and some room.
	maxHeader = 160 + MaxDeps*34
	// MaxRunEntries bounds a run, so that a run of small entries is verified and stored in one go of a few
	// milliseconds.
	MaxRunEntries = 256
	// MaxRunBytes bounds the headers and payloads of a run, so that a run fits into half of a wire message.
	MaxRunBytes = 512 << 10
	// MaxSeq keeps sequence numbers and Lamport times within SQLite's signed integers, with room to add.
	MaxSeq = 1 << 53
	// MaxLamportSeen is the greatest Lamport time of others that a writer goes beyond. Nobody gets there by counting;
	// somebody who claims it all the same must not leave the rest of the space without numbers.
	MaxLamportSeen = MaxSeq / 2
	// maxTime is the year 9999: later times cannot be written as text.
	maxTime = 253402300799
)
