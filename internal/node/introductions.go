package node

import (
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// introductions gives the identity logs of those whom our operations on a space have just named; see peering.Config.
func (n *Node) introductions(id key.SpaceID, entries []oplog.Verified) []oplog.Run {
	var operations []oplog.Verified
	for i := range entries {
		if entries[i].Log().Space == id && entries[i].Header().Kind == oplog.KindControl {
			operations = append(operations, entries[i])
		}
	}
	var all []oplog.Run
	for _, person := range new(space.Folder).Mentioned(operations) {
		if person == n.Person() {
			continue
		}
		runs, err := n.identityRuns(n.sessions.life, person)
		if err != nil {
			n.log.Debug("an identity was not passed on", "err", err)
			continue
		}
		all = append(all, runs...)
	}
	return all
}
