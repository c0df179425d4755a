// Package markup reads the little formatting that people write in posts, comments and messages, and turns it into a tree. It
// never produces HTML; whoever draws a text walks the tree and escapes what is in it.
//
// A text is a sequence of blocks:
//
//	a line            paragraph; its line breaks stay
//	- a line          list (also with "*" or "•"); consecutive lines are its items
//	1. a line         numbered list, beginning with any number (also with ")")
//	> a line          quotation
//	```               code up to the next such line, or to the end
//
// Within a line stand spans: **bold**, *italic* or _italic_, `code`, links (https://… and [words](https://…)), #tags, and
// @names of people who are mentioned. What is not closed, or closed in the wrong order, is plain text: nothing that was
// typed is ever lost. Work is linear in the length of a text but for a small bound on nesting.
package markup
