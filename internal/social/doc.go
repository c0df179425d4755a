// Package social is what people do, in their words: begin, invite, publish, comment, react, edit, delete, read
// back. Pages and the
// command line stand on it and on nothing below it.
//
// Home is this home's owner at work. Its methods are the verbs; what they return are views: plain structs of text,
// times and paths, ready to be shown. Every error that they return is an Error, with a sentence for a person.
//
// The owner's wall is a space that the owner has; a friend is somebody who is a member of it and has the owner on
// theirs.
package social
