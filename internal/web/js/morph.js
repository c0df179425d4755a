// Brings a piece of the page up to date with as few changes as possible, so that focus, selection, loaded pictures and open
// menus stay. What somebody is typing is never touched.

/** Attributes that belong to the page and not to the server. */
const LOCAL = new Set(["open", "data-expanded"]);

/**
 * Makes an element look like another one, which is used up by it.
 * @param {Element} from an element of the page
 * @param {Element} to what it is to look like
 * @param {(element: Element) => boolean} [skip] elements to be left as they are
 */
export function morph(from, to, skip = () => false) {
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from.hasAttribute("data-keep") || skip(from)) return;
  attributes(from, to);
  if (from.nodeName !== "TEXTAREA") children(from, to, skip);
}

function attributes(from, to) {
  const failed = from.nodeName === "IMG" && from.hasAttribute("data-failed");
  const typed = from.nodeName === "INPUT" && from.value !== from.defaultValue;
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !LOCAL.has(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (LOCAL.has(name) || (typed && name === "value")) continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  if (failed) from.setAttribute("src", to.getAttribute("src")); // it may be here by now: try again
}

/** What makes an element the same one before and after. */
function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.getAttribute("data-key") : null;
}

function children(from, to, skip) {
  const keyed = new Map();
  for (const child of from.children) {
    const key = keyOf(child);
    if (key) keyed.set(key, child);
  }
  const wanted = new Set([...to.children].map(keyOf).filter(Boolean));
  let next = from.firstChild;
  for (const goal of [...to.childNodes]) {
    const key = keyOf(goal);
    let match = key ? keyed.get(key) : null;
    if (!key) {
      // Pass over what goes away or is matched by its key; take the next of the same kind.
      let candidate = next;
      while (candidate && (keyOf(candidate) || candidate.nodeName !== goal.nodeName)) candidate = candidate.nextSibling;
      match = candidate;
    }
    if (!match) {
      from.insertBefore(goal, next);
      continue;
    }
    while (next && next !== match && gone(next, wanted)) next = remove(next);
    if (match === next) next = next.nextSibling;
    else from.insertBefore(match, next);
    if (match.nodeType === Node.ELEMENT_NODE) morph(match, goal, skip);
    else if (match.data !== goal.data) match.data = goal.data;
  }
  while (next) next = remove(next);
}

/** Whether a node has no counterpart any more. */
function gone(node, wanted) {
  const key = keyOf(node);
  return !key || !wanted.has(key);
}

function remove(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
