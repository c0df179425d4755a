// Package web is the HTML edge of a home: the pages that its owner sees in a browser.
//
// It turns what package social says into HTML and what a form says into a call of social, and knows neither
// where things are kept nor how they travel. The terms:
//
//   - Page: a whole HTML document, rendered on the server from one template and one struct. Every page works
//     without JavaScript: links lead to pages, forms are answered by a redirect or by the form again.
//   - Fragment: a part of a page (a post, a comment, the row of windows), rendered by the same templates that
//     draw it on a page. The scripts fetch fragments to bring an open page up to date.
//   - Change: a social.Event with a number of its own. The hub numbers the events in the order in which they
//     came and keeps the last few hundred, so that a page can ask what it missed.
//   - Mark: a position among the changes. Every page carries the mark of the moment before it was rendered.
//   - Guard: what stands before every handler: exact hosts, cross-origin protection, security headers.
//   - Session: a signed-in browser; package access decides whether it is good.
//
// # One page, from request to reply
//
// The guard checks the host and where the request comes from; the session is looked up; the handler reads from
// social and fills the struct of the page; the template renders into memory, so that a failing template never
// sends half a page; then headers and bytes go out.
//
// # What keeps hostile text inert
//
// html/template escapes everything. The text of a post becomes HTML in richtext.go and nowhere else. No template
// holds a script, a style or an event handler, and the content security policy would stop one. In the browser, HTML
// is parsed in one module (js/trusted.js), which holds the only Trusted Types policy.
//
// # Nothing is changed by a GET
//
// A link, a picture or a page of somebody else's making can make a browser send a GET. So no GET has an effect; the
// one-time token that signs a browser in travels in a form, and an invite in a link is only put into a field.
package web
