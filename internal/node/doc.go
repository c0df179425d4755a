// Package node is the running home: it opens the folder, starts the network, keeps the spaces of this home and of
// its friends' homes in step, fetches pictures, and tells who listens what changed. It knows entries, spaces and
// peers, and nothing of posts or pages.
//
// Whom this home knows and what it has to say to whom is the matter of package peering; the node gives it streams. Only
// known peers are let in. With every known peer that is connected there is one sync session.
//
// Everything that runs has the node's context and is waited for by Close.
package node
