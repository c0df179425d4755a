package replicate

import (
	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

// kind is the first byte of a message.
type kind byte

const (
	kindHello     kind = 1
	kindOffer     kind = 2
	kindAnswer    kind = 3
	kindSummary   kind = 4
	kindFrontier  kind = 5
	kindWant      kind = 6
	kindRuns      kind = 7
	kindHave      kind = 8
	kindAck       kind = 9
	kindCredit    kind = 10
	kindKeyAsk    kind = 11
	kindKeys      kind = 12
	kindEphemeral kind = 13
	kindAlive     kind = 14
	kindBye       kind = 15
)

// message is a decoded message. The body of each is a canonical CBOR array of its fields in order.
type message interface {
	kind() kind
	// check refuses what the types alone allow. Its errors are ErrProtocol.
	check() error
}

func encode(m message) ([]byte, error) { return canon.Marshal(m) }

// decode reads the body of a message. All errors are ErrProtocol.
func decode(k kind, body []byte) (message, error) {
	var m message
	switch k {
	case kindHello:
		m = new(helloMessage)
	case kindOffer:
		m = new(offerMessage)
	case kindAnswer:
		m = new(answerMessage)
	case kindSummary:
		m = new(summaryMessage)
	case kindFrontier:
		m = new(frontierMessage)
	case kindWant:
		m = new(wantMessage)
	case kindRuns:
		m = new(runsMessage)
	case kindHave:
		m = new(haveMessage)
	case kindAck:
		m = new(ackMessage)
	case kindCredit:
		m = new(creditMessage)
	case kindKeyAsk:
		m = new(keyAskMessage)
	case kindKeys:
		m = new(keysMessage)
	case kindEphemeral:
		m = new(ephemeralMessage)
	case kindAlive:
		m = new(aliveMessage)
	case kindBye:
		m = new(byeMessage)
	default:
		return nil, broken("kind %d", k)
	}
	if err := canon.Unmarshal(body, m); err != nil {
		return nil, broken("kind %d: %w", k, err)
	}
	return m, m.check()
}

// helloMessage opens a session. Its form is that of all versions.
type helloMessage struct {
	_           struct{} `cbor:",toarray"`
	Least, Most uint64   // the versions that the sender speaks
	Dialed      bool     // whether the sender opened the stream
	Nonce       nonce
	Window      uint64 // how much bulk the sender takes ahead, in bytes of frames
}

func (*helloMessage) kind() kind { return kindHello }

func (m *helloMessage) check() error {
	if m.Least > m.Most || m.Window < MaxMessage+frameExtra {
		return broken("HELLO with versions %d to %d, window %d", m.Least, m.Most, m.Window)
	}
	return nil
}

// offerMessage names spaces. Each item is a tag and a digest, 32 bytes.
type offerMessage struct {
	_      struct{} `cbor:",toarray"`
	Number uint64   // counts from 1, in each direction
	Items  []byte
}

const offerItem = tagSize + digestSize

func (*offerMessage) kind() kind { return kindOffer }

func (m *offerMessage) check() error {
	if len(m.Items)%offerItem != 0 || len(m.Items) > maxOffer*offerItem {
		return broken("OFFER of %d bytes", len(m.Items))
	}
	return nil
}

// item is the tag and the digest at a place in the offer.
func (m *offerMessage) item(i int) (tag, digest) {
	at := m.Items[i*offerItem:]
	return tag(at[:tagSize]), digest(at[tagSize:offerItem])
}

// answer is what one side says to one item of an offer.
type answer byte

const (
	answerUnknown answer = 0 // no such space here
	answerSame    answer = 1 // the digests agree
	answerDiffer  answer = 2 // they do not; the sender of the answer begins the exchange of frontiers
	answerReceive answer = 3 // you are no member in my copy; show me identity and control heads
	answerBusy    answer = 4 // my own offer of the same space is under way; answer that
)

// answerMessage answers an offer, a byte for each item.
type answerMessage struct {
	_       struct{} `cbor:",toarray"`
	Number  uint64   // of the offer
	Answers []byte
}

func (*answerMessage) kind() kind { return kindAnswer }

func (m *answerMessage) check() error {
	if len(m.Answers) > maxOffer {
		return broken("ANSWER to %d items", len(m.Answers))
	}
	for _, a := range m.Answers {
		if answer(a) > answerBusy {
			return broken("ANSWER %d", a)
		}
	}
	return nil
}

// creditMessage gives back window: the peer may send so much more bulk.
type creditMessage struct {
	_     struct{} `cbor:",toarray"`
	Bytes uint64
}

func (*creditMessage) kind() kind { return kindCredit }

func (m *creditMessage) check() error {
	if m.Bytes == 0 || m.Bytes > largestWindow {
		return broken("CREDIT of %d bytes", m.Bytes)
	}
	return nil
}

// keyAskMessage (KEYREQ) asks for the keys of epochs.
type keyAskMessage struct {
	_      struct{} `cbor:",toarray"`
	Tag    tag
	Epochs []oplog.EpochID
}

func (*keyAskMessage) kind() kind { return kindKeyAsk }

func (m *keyAskMessage) check() error {
	if len(m.Epochs) == 0 || len(m.Epochs) > maxEpochs {
		return broken("KEYREQ for %d epochs", len(m.Epochs))
	}
	return nil
}

// keysMessage hands over keys.
type keysMessage struct {
	_    struct{} `cbor:",toarray"`
	Tag  tag
	Keys []wireKey
}

type wireKey struct {
	_          struct{} `cbor:",toarray"`
	Epoch      oplog.EpochID
	Generation uint64
	History    bool
	Sealed     []byte
}

func (*keysMessage) kind() kind { return kindKeys }

func (m *keysMessage) check() error {
	if len(m.Keys) == 0 || len(m.Keys) > maxEpochs {
		return broken("KEYS with %d keys", len(m.Keys))
	}
	for i := range m.Keys {
		if len(m.Keys[i].Sealed) > maxSealed {
			return broken("KEYS with a key of %d bytes", len(m.Keys[i].Sealed))
		}
	}
	return nil
}

// ephemeralMessage carries something that is not kept.
type ephemeralMessage struct {
	_    struct{} `cbor:",toarray"`
	Tag  tag
	Data []byte
}

func (*ephemeralMessage) kind() kind { return kindEphemeral }

func (m *ephemeralMessage) check() error {
	if len(m.Data) > MaxEphemeral {
		return broken("EPHEMERAL of %d bytes", len(m.Data))
	}
	return nil
}

// aliveMessage says that the sender is still here.
type aliveMessage struct {
	_ struct{} `cbor:",toarray"`
}

func (*aliveMessage) kind() kind   { return kindAlive }
func (*aliveMessage) check() error { return nil }

// byeMessage is the last message of a session.
type byeMessage struct {
	_      struct{} `cbor:",toarray"`
	Reason reason
}

func (*byeMessage) kind() kind   { return kindBye }
func (*byeMessage) check() error { return nil }

// appendLog writes a log's name: device ‖ incarnation ‖ lane, and for an identity log the person.
func appendLog(to []byte, log oplog.Log, space key.SpaceID) []byte {
	to = append(to, log.Device[:]...)
	to = append(to, log.Incarnation[:]...)
	to = append(to, byte(log.Lane))
	if log.Space != space {
		to = append(to, log.Space[:]...)
	}
	return to
}

// checkLog refuses what is not the name of a log.
func checkLog(name []byte) error {
	if len(name) != logName && len(name) != identityName {
		return broken("a log's name of %d bytes", len(name))
	}
	lane := oplog.Lane(name[logName-1])
	if !lane.Valid() || len(name) == identityName && lane != oplog.Control {
		return broken("a log in lane %d", lane)
	}
	return nil
}

// parseLog reads a log's name that checkLog passed.
func parseLog(name []byte, space key.SpaceID) oplog.Log {
	log := oplog.Log{
		Space:       space,
		Device:      key.DeviceID(name[:32]),
		Incarnation: oplog.Incarnation(name[32:48]),
		Lane:        oplog.Lane(name[48]),
	}
	if len(name) == identityName {
		log.Space = key.PersonID(name[logName:]).IdentitySpace()
	}
	return log
}

// checkRange refuses what is not a range of sequence numbers.
func checkRange(first, last uint64) error {
	if first == 0 || first > last || last > oplog.MaxSeq {
		return broken("sequence numbers %d to %d", first, last)
	}
	return nil
}
