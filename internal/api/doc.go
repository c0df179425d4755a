// Package api is the JSON edge of a home: how the command line talks to the program that is running in the same
// folder. It has both ends, the Server and the Client.
//
// The terms:
//
//   - Endpoint: where a running home answers and what it wants to hear, kept in the file running.json of its folder.
//     Only the owner of the folder can read that file, and that is the whole of the authentication: whoever can read
//     the folder has the account anyway.
//   - Token: the secret in the endpoint, 256 random bits in unpadded base64url, new at each start. It travels as
//     "Authorization: Bearer TOKEN". It is not the one-time token of a browser, which package access makes.
//   - Outcome: what an error is to the other side: a status of HTTP and an exit code of the command line.
//
// # The protocol
//
// Requests and answers are JSON under /api/v1/ on the listener of the page, in the shapes of package social. Photos
// come as multipart/form-data. A refusal is {"error": {"code": "expired", "message": "…"}}, with the codes of
// social.Error. GET /api/v1/events answers with one line of JSON for each social.Event as long as the client listens,
// and with empty lines in between that only show that both are still there.
//
// # Why no web page gets in
//
// A page of the web cannot read the endpoint file, and so cannot know the token; this edge takes no cookie, which is
// what a browser would send by itself. Beyond that it answers to its exact hosts only, and to no request that carries
// an Origin or Sec-Fetch-Site header: programs don't send these, browsers do.
package api
