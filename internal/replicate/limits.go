package replicate

import (
	"time"

	"kith/internal/oplog"
)

// Version is the version of the protocol that this package speaks.
const Version = 1

// Sizes of messages.
const (
	// MaxMessage bounds a message: the type and the body. Two of the largest runs fit.
	MaxMessage = 1 << 20
	// maxHello bounds the first message, before anything is known of the peer. Ours has about 50 bytes.
	maxHello = 256
	// largeMessage is about what a message of bulk holds: large enough that the cost of a message is
	// nothing, small enough that at 1 MB/s another message waits for a quarter of a second.
	largeMessage = 256 << 10
	// firstMessage is what the first message in answer to a want holds, so that the newest entries are
	// readable before a large message has been read, verified and stored.
	firstMessage = 64 << 10
	// smallMessage is what a message of bulk holds on the slowest links.
	smallMessage = 32 << 10
	// maxEntries bounds the entries of a message. Of entries of 64 bytes, largeMessage holds as many.
	maxEntries = 4096
	// maxRuns bounds the runs of a message, and the pieces and logs that one may name.
	maxRuns = 2048
	// maxHeads bounds the heads of a message: 8,192 of about 90 bytes fit.
	maxHeads = 8192
	// maxRanges bounds the ranges of a want.
	maxRanges = 8192
	// maxOffer bounds the spaces of an offer; more are offered by a further message.
	maxOffer = 4096
	// maxEpochs bounds the keys that a message asks for or holds: 64 of 1.3 KB, each of which costs
	// about 0.15 ms to seal or to open.
	maxEpochs = 64
	// maxSealed bounds a sealed key. Ours have 1,200 bytes; larger suites may follow.
	maxSealed = 4 << 10
	// MaxEphemeral bounds an ephemeral message: who is typing, and where.
	MaxEphemeral = 1 << 10
)

// What a session holds in memory.
const (
	// bulkWindow is how much bulk we let the peer send ahead of our ingest: 40 MB/s over 100 ms.
	bulkWindow = 4 << 20
	// largestWindow bounds what we send ahead, whatever the peer allows.
	largestWindow = 16 << 20
	// firstWindow is what we send ahead before we know the link: a second's worth on a slow one. On a fast
	// one it doubles with every round trip.
	firstWindow = largeMessage
	// leastWindow keeps the link busy while a small message is under way.
	leastWindow = 4 * smallMessage
	// liveQueue bounds what was pushed to us and is not yet stored. While it is full we read nothing
	// further from this peer.
	liveQueue = 4 << 20
	// pushQueue bounds what waits to be pushed to the peer; beyond it pushes are dropped and the space is
	// offered again once the peer has caught up.
	pushQueue = 2 << 20
	// quietOutbox is how much may wait to be sent when spaces are offered again and exchanges begun.
	quietOutbox = 256 << 10
	// maxOutbox ends the session with a peer that keeps asking and does not read. Sixteen of the largest
	// frontiers fit.
	maxOutbox = 32 << 20
	// maxMail bounds the calls of the node that control has not handled yet.
	maxMail = 4096
	// maxLogs bounds the logs of a frontier: 1,000 members with several devices each.
	maxLogs = 16384
	// maxTags bounds the tags of spaces that are not here and that a peer may make us look for: each
	// message of them costs an HMAC for every space that we hold.
	maxTags = 1 << 16
	// maxExchanges bounds the frontier exchanges that each side has open at once.
	maxExchanges = 16
	// maxAsks and maxAskRanges are how many wants we have open, and how many ranges in them all; the peer
	// allows twice as many.
	maxAsks      = 512
	maxAskRanges = 1 << 16
	// maxJobs bounds the wants of a peer that wait to be served. More breaks the protocol.
	maxJobs = 1024
	// maxJobRanges bounds the ranges in them all.
	maxJobRanges = 1 << 17
	// maxStanding bounds the ranges that the peer asked for and we could not serve, remembered in case
	// that they arrive. What is forgotten the peer asks for in its next session.
	maxStanding = 4096
	// maxRemembered bounds, for a space, the ranges that we do not ask for again, for each of the three
	// reasons. What does not fit may be asked for again when the frontiers are exchanged again.
	maxRemembered = 4096
	// maxKnown is how many logs the session remembers the peer to have the newest entry of.
	maxKnown = 1024
	// maxKeyAsks bounds the epochs asked for and not answered, in each direction.
	maxKeyAsks = 1024
	// ingestEntries is how many entries are handed to the Local at once: enough that the cost of a
	// transaction is shared, few enough that live entries wait for 50 ms.
	ingestEntries = 1000
	// ingestBytes bounds the same in bytes.
	ingestBytes = 1 << 20
)

// Patience.
const (
	// helloTimeout is for a peer that opened a stream and says nothing.
	helloTimeout = 30 * time.Second
	// openTimeout is for the first offers and their answers, which wait for two disks.
	openTimeout = 60 * time.Second
	// introductionTimeout is for a stranger to become known.
	introductionTimeout = 30 * time.Second
	// introductionBytes is how much a stranger may have us read: its identity log and the control logs of
	// a few large spaces.
	introductionBytes = 4 << 20
	// frameTimeout is for a message whose first byte has arrived: 1 MiB at 9 KB/s.
	frameTimeout = 2 * time.Minute
	// writeTimeout is for writeChunk bytes, which the slowest telephone line takes within that.
	writeTimeout = 30 * time.Second
	writeChunk   = 32 << 10
	// answerTimeout is for the next message in answer to wants or to a frontier.
	answerTimeout = 60 * time.Second
	// keyAgain is after how long a peer is asked again for a key that it did not send. It may have come to have it, or to
	// know that we may; and those who asked it for nothing else wait for this.
	keyAgain = 15 * time.Second
	// withholdTimeout is for the next message in answer to one want while others are answered. With
	// maxAsks open, a turn of them all takes two minutes at 1 MB/s.
	withholdTimeout = 10 * time.Minute
	// aliveAfter is how long we stay silent before we say that we are here. With 300 friends it costs
	// 10 MB a day; the transport notices lost connections by itself and sooner.
	aliveAfter = 8 * time.Minute
	// idleTimeout is after how much silence a peer is given up: two such messages were lost.
	idleTimeout = 20 * time.Minute
	// byeTimeout is for the last message and for the peer to take it. A node stops within two seconds.
	byeTimeout = 500 * time.Millisecond
	// advertJitter is how long we wait at most before we say that we have a new entry; meanwhile the peer
	// may get it from its author.
	advertJitter = 40 * time.Millisecond
	// queueDelay is how much longer than an empty link a message of bulk may take before the window
	// shrinks.
	queueDelay = 150 * time.Millisecond
)

// Fairness and faults.
const (
	// maxFaults is how many rejected runs or keys end a session: one may come from a disk that fails.
	maxFaults = 8
	// maxPending is how many runs of unknown authors we look at before something else must have changed.
	maxPending = 1024
	// maxTries is how often a pending log is asked for again. Authors become known within one or two
	// changes; the next session begins anew.
	maxTries = 8
	// talkRate and talkBurst bound the effort of messages other than runs, in steps a second, to which we
	// give ourselves at once. A step is about 20 µs. A peer that demands more is read more slowly. The
	// burst is enough for reconnecting with 500 spaces that all changed.
	talkRate  = 5_000
	talkBurst = 40_000
)

// Sizes of parts of the wire format.
const (
	tagSize    = 16
	digestSize = 16
	nonceSize  = 32
	depSize    = len(oplog.EntryID{})
	// bucketSize is the length of a bucket's digest. It is keyed by the session, so that nobody can
	// prepare two logs that are taken for one.
	bucketSize = 8
	// fewLogs is up to how many logs a frontier is sent at once instead of bucket by bucket.
	fewLogs = 32
	// logsPerBucket is how many logs share a bucket, on average.
	logsPerBucket = 8
	// maxBuckets bounds the buckets of a space.
	maxBuckets = 4096
	// logName is the length of a log's name on the wire: device, incarnation, lane.
	logName = 32 + 16 + 1
	// identityName is the same for an identity log, followed by the person.
	identityName = logName + 32
)

// A message must have room for the largest run.
const _ = uint(MaxMessage - 2*oplog.MaxRunBytes)
