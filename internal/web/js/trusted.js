// The only place where text becomes HTML. The content security policy (guard.go) lets no other module do it: every other
// way of parsing throws. What is parsed here comes from our own server, which escaped it (richtext.go).

const policy = globalThis.trustedTypes?.createPolicy("kith", { createHTML: (html) => html });

/**
 * Parses a fragment that the server sent.
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = policy ? policy.createHTML(html) : html;
  return holder.content;
}
