package simulation

import (
	"kith/internal/ingest"
	"kith/internal/space"
)

// needs is the role that an operation takes.
func needs(state *space.State, op space.Operation) space.Role {
	switch op.(type) {
	case *space.Leave, *space.Erase:
		return space.Reader
	}
	return space.OwnerRole
}
func newAdd(state *space.State, who *person, role space.Role, generation uint64) space.Operation {
	return &space.Add{Person: who.id, Role: role, Generation: generation, Tenure: state.Entry}
}
func newRemove(state *space.State, who *person, cut []space.CutPoint) space.Operation {
	return &space.Remove{Person: who.id, Cut: cut, Tenure: state.Entry}
}
func newSetRole(state *space.State, who *person, role space.Role, cut []space.CutPoint) space.Operation {
	return &space.SetRole{Person: who.id, Role: role, Cut: cut, Tenure: state.Entry}
}
func newHandOver(state *space.State, who, by *person, cut []space.CutPoint) space.Operation {
	return nil
}
func newClose(state *space.State) space.Operation { return &space.Close{Tenure: state.Entry} }

func endOf(state *space.State, record ingest.LogRecord) (uint64, bool) {
	return state.End(record.Author, record.Log.Lane, record.Log.ID())
}
