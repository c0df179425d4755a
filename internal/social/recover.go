package social

import (
	"context"
	"errors"
	"slices"
	"time"

	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/link"
	"kith/internal/node"
	"kith/internal/p2p"
	"kith/internal/sqlite"
)

const (
	// recoverTimeout bounds the search for a friend's home, while somebody looks at the page.
	recoverTimeout = 45 * time.Second
	// helpFor is how long a friend's code says that it is good; the address in it is what grows old.
	helpFor = 30 * 24 * time.Hour

	recordJoined    = "joined-own" // in recordsHome: an earlier own space was found and is used
	recordReturning = "returning"  // in recordsHome, on a home whose owner came back
	// returnFile holds the recovery words with which the owner came back, until the lost devices are removed. It is not
	// wordsFile: a home that is begun must never find there the words of a recovery that came to nothing.
	returnFile = "words-return"

	// gatherLook is how often it is looked whether everything has been found again, and gatherQuiet how long nothing new
	// may have come until that is taken for granted.
	gatherLook  = time.Second
	gatherQuiet = 10 * time.Second
	// gatherSoon is for how long that goes on after the return, and gatherRest how often it is looked later, for friends who
	// were away all the time.
	gatherSoon = 10 * time.Minute
	gatherRest = 30 * time.Second
	// gatherMost is after how long the earlier devices are removed in any case.
	gatherMost = time.Hour
)

// returningRecord says that the owner came back here with the words, and what is left to do of it.
type returningRecord struct {
	Since time.Time `json:"since"`
	// Remove says that the earlier devices are to be removed when everything that they wrote has been found again; what has
	// not by then counts no more. The words stay on disk until that is done.
	Remove bool `json:"remove,omitempty"`
}

// Help makes a code that helps a friend come back who lost all their devices: it leads to this home, which knows them
// by their recovery words.
func (h *Home) Help(ctx context.Context, person string) (Help, error) {
	if _, err := h.me(); err != nil {
		return Help{}, err
	}
	id, err := h.personID(person)
	if err != nil {
		return Help{}, err
	}
	if friend, err := h.isFriend(ctx, id); err != nil {
		return Help{}, explain("help a friend", err)
	} else if !friend {
		return Help{}, fail(CodeNotFound, "This person is not among your friends, so your home holds nothing that could bring them back.", nil)
	}
	shown, err := h.Person(ctx, person)
	if err != nil {
		return Help{}, err
	}
	return Help{Person: shown, Code: link.Help.Write(h.codeFor(id, invite.Secret{}, h.now().Add(helpFor)))}, nil
}

// Recover brings somebody back with their recovery words, into this empty home. A friend's home, which the code leads to or
// which is found on the home network, gives back who they are; this device is let in by the words themselves. From then
// on everything comes back from the homes of friends, and when it has, the earlier devices are removed.
func (h *Home) Recover(ctx context.Context, options RecoverOptions) error {
	if !h.node.Person().IsZero() {
		return h.recoverMore(ctx, options.Help)
	}
	words, err := key.ParseWords(options.Words)
	if err != nil {
		return fail(CodeBadInput, explainWords(options.Words, err), err)
	}
	root := words.Root()
	code, err := parseHelp(options.Help, root.Person())
	if err != nil {
		return err
	}
	if options.Reach == "" {
		options.Reach = ReachHome
	}
	if err := checkReach(options.Reach); err != nil {
		return err
	}
	name := machineName()
	if options.Name != "" {
		if name, err = cleanDeviceName(options.Name); err != nil {
			return err
		}
	}
	if err := h.node.SetReach(ctx, networkReach(options.Reach)); err != nil {
		return explain("open the network", err)
	}
	back, helper, addresses, err := h.findMyself(ctx, root, code)
	if err != nil {
		return err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if !h.node.Person().IsZero() {
		return errBegun
	}
	if err := h.comeBack(ctx, words, root, back, name, !options.KeepDevices); err != nil {
		return explain("come back", err)
	}
	return explain("connect to who helped", h.connectHelper(ctx, back, helper, addresses))
}

// recoverMore finds a further friend again by a code of theirs, after the owner came back here.
func (h *Home) recoverMore(ctx context.Context, help string) error {
	me := h.node.Person()
	_, found, err := h.returning(ctx)
	if err != nil {
		return explain("come back", err)
	}
	if !found {
		return errBegun
	}
	if help == "" {
		return fail(CodeBadInput, "You have come back already. To find a further friend, paste the code that they make for you.", nil)
	}
	code, err := parseHelp(help, me)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, returnTimeout)
	defer cancel()
	addresses := unpack(code.Addresses)
	stream, err := h.node.OpenMeeting(ctx, node.ProtocolReturn, code.Peer, addresses)
	if err != nil {
		return fail(CodeUnreachable, "Your friend’s home cannot be reached at the moment. Ask them to switch it on, or to make the code anew, and try again.", err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Reset)
	defer stop()
	mine, err := h.node.IdentityRuns(ctx, me)
	if err != nil {
		return explain("find a friend", err)
	}
	answer, err := askReturn(stream, me, mine)
	if err == nil && len(answer.Identity) == 0 {
		return fail(CodeNotFound, "This home does not know you. Ask the friend to make the code on your own page.", nil)
	}
	if err != nil {
		return fail(CodeUnreachable, "Your friend’s home did not answer. Try again in a moment.", err)
	}
	if err := h.expectAll(ctx, answer.Spaces); err != nil {
		return explain("find a friend", err)
	}
	return explain("find a friend", h.connectHelper(ctx, answer, code.Peer, addresses))
}

// parseHelp a code that a friend made; an empty text is none.
func parseHelp(text string, person key.PersonID) (invite.Code, error) {
	if text == "" {
		return invite.Code{}, nil
	}
	code, err := link.Help.Parse(text)
	switch {
	case errors.Is(err, invite.ErrNewer):
		return code, fail(CodeBadInput, "This code was made by a newer kith. Get the newest kith on this computer, and try again.", err)
	case errors.Is(err, invite.ErrNone):
		return code, fail(CodeBadInput, "There is no code in this text. The code of a friend who helps begins with “kith-help1-”; they find it on your page, under “Help them come back”.", err)
	case err != nil:
		return code, fail(CodeBadInput, "This code is incomplete or was changed on the way. Copy all of it once more.", err)
	case code.Person != person:
		return code, fail(CodeBadInput, "The words and the code belong to different people. Look again at the words, and ask your friend to make the code on your own page.", nil)
	}
	return code, nil
}

// findMyself asks other homes who the person of a root is, under the recovery network key.
func (h *Home) findMyself(ctx context.Context, root *key.Root, code invite.Code) (*link.Returned, key.PeerKey, []string, error) {
	ctx, cancel := context.WithTimeout(ctx, recoverTimeout)
	defer cancel()
	var back *link.Returned
	var helper key.PeerKey
	asked := 0
	addresses := unpack(code.Addresses)
	err := h.node.VisitAsRoot(ctx, root, code.Peer, addresses, func(stream *p2p.Stream) (bool, error) {
		asked++
		answer, err := askReturn(stream, root.Person(), nil)
		if err != nil || len(answer.Identity) == 0 || answer.Wall.IsZero() || len(answer.Card) == 0 {
			return false, err
		}
		back, helper = answer, key.PeerKey(stream.Peer())
		return true, nil
	})
	switch {
	case back != nil:
		return back, helper, addresses, nil
	case asked > 0 && (err == nil || errors.Is(err, context.DeadlineExceeded)):
		return nil, helper, nil, fail(CodeNotFound, "The home that answered does not know the person of these words. Nothing was changed. Check the words, and ask a friend to make a code on your page.", err)
	case code.Peer == key.PeerKey{}:
		return nil, helper, nil, fail(CodeUnreachable, "No friend’s home was found on this network. Nothing was changed. Ask a friend for a code: on your page of their kith, “Help them come back”.", err)
	}
	return nil, helper, nil, fail(CodeUnreachable, "Your friend’s home cannot be reached at the moment. Nothing was changed. Ask them to switch it on, or to make the code anew, and try again.", err)
}

// comeBack makes this home the person's: the root lets in this device, in one step with everything else. The meeting lock
// is held.
func (h *Home) comeBack(ctx context.Context, words key.Words, root *key.Root, back *link.Returned, name string, remove bool) error {
	me := root.Person()
	person, err := h.takePerson(ctx, me, back.Identity)
	if err != nil {
		return err
	}
	if remove {
		if err := key.SaveWords(h.node.KeyFile(returnFile), words); err != nil {
			return err
		}
	}
	spaces := append(slices.Clone(back.Spaces[:min(len(back.Spaces), link.MaxSpaces)]), link.Space{ID: back.Wall, Owner: me})
	err = h.become(ctx, me, becoming{wall: back.Wall, card: back.Card, spaces: spaces}, func(w *ingest.Writing) error {
		if !isDevice(person, h.node.Device().Peer()) {
			keys, err := person.OpenKeysAsRoot(root)
			if err != nil {
				return err
			}
			op, err := person.Admit(identity.Certify(me, h.node.Device()), keys)
			if err != nil {
				return err
			}
			if err := w.IdentifyAsRoot(root, op); err != nil {
				return err
			}
		}
		var profile profileRecord
		if _, err := w.Tx().Record(sqlite.Shared(recordsProfile), recordsProfile, &profile); err != nil {
			return err
		}
		if err := h.shareBeginning(w, &profile); err != nil {
			return err
		}
		if err := h.share(w, recordsDevices, h.node.Device().ID().String(), &deviceRecord{Name: name}); err != nil {
			return err
		}
		if err := h.share(w, recordsConfirmed, recordsConfirmed, true); err != nil {
			return err
		}
		return w.Tx().PutRecord(recordsHome, recordReturning, &returningRecord{Since: h.now(), Remove: remove})
	})
	if err != nil && h.node.Person().IsZero() {
		err = errors.Join(err, key.RemoveWords(h.node.KeyFile(returnFile)))
	}
	return err
}

// connectHelper makes the home known that answered, and goes there.
func (h *Home) connectHelper(ctx context.Context, back *link.Returned, helper key.PeerKey, addresses []string) error {
	if err := h.keepPeers(ctx, append([]link.Peer{{Key: helper, Addresses: addresses}}, back.Peers[:min(len(back.Peers), link.MaxPeers)]...)); err != nil {
		return err
	}
	if back.Helper.IsZero() || back.Helper == h.node.Person() {
		return h.expectAll(ctx, back.Spaces)
	}
	if _, err := h.takePerson(ctx, back.Helper, back.HelperIdentity); err != nil {
		return err
	}
	if err := h.node.Meet(ctx, back.Helper); err != nil {
		return err
	}
	for _, s := range back.Spaces {
		if s.Owner == back.Helper {
			if err := h.node.Await(ctx, s.ID, s.Owner); err != nil {
				return err
			}
		}
	}
	return nil
}
