// Kith runs a home: a person's own part of a social network that has no company in the middle. In the folder where it is
// run it keeps everything; in the browser it shows the owner's page; with the homes of friends it talks directly.
//
//	kith                 starts the home in this folder and opens its page
//	kith post Hello      posts from the command line
//	kith feed            reads what friends wrote
//	kith help            lists the rest
//
// # How the command is built
//
// Main is the whole program as a function; the tests start it too. Each verb is a type with a Run method in a file of its
// name. The verb run starts the home: it takes the lock of the folder, opens the listener of the page, opens the
// home behind it (home.go wires the packages together) and serves both edges, pages and commands, on the one listener.
// Every other verb is a client: it finds the running home by the file running.json in the folder and asks it, through
// package api.
//
// # Where settings come from
//
// A flag wins over an environment variable, that over kith.toml in the folder, that over the default. All three
// fill the same struct, options, and settings.go lays them over one another.
//
// # Exit codes
//
// They are listed under "kith --help" and kept in package api, in one table with the codes of errors.
package main
