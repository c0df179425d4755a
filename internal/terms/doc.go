// Package terms cuts texts into the terms by which they are found, and reads what somebody types into a search box.
//
// A term is a word in the form in which words are compared: in small letters, without accents, in one width. Texts in
// scripts that put no spaces between words are cut into pairs of neighbouring characters, and the last character of a
// stretch stands alone, so that every character begins a term. Emoji are terms by themselves.
//
// Pairs and not triples, because the words that people look for in Chinese and Japanese have two characters more often
// than any other number, and triples do not find them. That pairs meet by chance more often costs nothing, since what an
// index gives is held against the text (Query.Matches). Of 20,000 made texts of 60 characters, words of one to four by
// how frequent words are, pairs make 175,000 terms and triples 553,000, with as many places (60 a text) in the index.
//
// Nothing here knows of stores or pages. All functions are pure and safe for concurrent use.
package terms
