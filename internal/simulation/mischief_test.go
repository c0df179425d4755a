package simulation

import "kith/internal/replicate"

func (w *world) mischief() {}

func (w *world) door(from, to *home, local replicate.Local) replicate.Local { return local }
