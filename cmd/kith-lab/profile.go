package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// profileName is the beginning of the names of somebody's profiles in a folder; nothing if there is none.
func profileName(folder, who string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, who)
}

// startProfile writes, until stop is called, where the processors are spent, to name.cpu.pprof; and then what is in
// memory, and what was allocated, to name.heap.pprof. Without a name it does nothing.
func startProfile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	cpu, err := os.Create(name + ".cpu.pprof")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		heap, err := os.Create(name + ".heap.pprof")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		runtime.GC() // so that the heap is what is in use
		return errors.Join(cpu.Close(), pprof.Lookup("heap").WriteTo(heap, 0), heap.Close())
	}, nil
}
