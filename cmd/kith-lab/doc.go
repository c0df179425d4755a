// Kith-lab measures kith on the machine that it is run on.
//
//	kith-lab latency     from a call to publish to a friend's store
//	kith-lab sync        a member fetches a large space for the first time
//	kith-lab feed        pages and searches of a home that holds a million posts
//	kith-lab footprint   size of the program, time to start, memory
//	kith-lab fold        the rule of who may do what, against sets of operations that conflict
//	kith-lab rotate      what it costs to change the key of a space, and of a person
//	kith-lab sim         villages of real homes on a fake clock, with everything that goes wrong
//
// Each tells on standard error what it is doing, and writes on standard output one line of JSON, the last; sim
// writes tables, and how many seeds passed and failed. Nothing is
// left behind: homes are made in a temporary folder, whose disk is the one that is measured (--dir chooses another),
// and the processes that play other homes end with the one that started them.
//
// # What the figures mean
//
// Absolute figures drift from machine to machine. Where there is a limit that nothing built on it could pass, it is
// measured in the same run and the ratio is told, in keys that begin with "of_". Figures that are taken several times
// are medians. MB is 1,000,000 bytes. What this system cannot tell is null.
//
// # How it is built
//
// Homes that only answer run in processes of their own, so that memory is counted for one home and so that two share
// nothing but the machine. For that the program starts itself again with a verb that --help does not list, and both
// talk in lines of JSON over the new process's standard input and output (child.go). That input ends when the
// process which started it ends, however that happens, and then so does the child.
package main
