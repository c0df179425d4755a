// Package node is the running home: it opens the folder, starts the network, keeps the spaces of this home and of
// its friends' homes in step, fetches pictures, and tells who listens what changed. It knows entries, spaces and
// peers, and nothing of posts or pages.
//
// A peer is another home's device on the network. It is known if it belongs to somebody who is or was in a space that
// is here, and only known peers are let in. With every known peer that is connected there is one sync session. The
// directory holds, in memory, which device belongs to whom and who is in which space; it follows every commit.
//
// Everything that runs has the node's context and is waited for by Close.
package node
