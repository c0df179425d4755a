// Words to the person: read out to whoever can't see the page, or shown in passing.

const TOAST_MS = 5000;
const news = document.getElementById("news");
let toast = null;
let timer = 0;

/** Has a sentence read out by screen readers when they are done with what they are saying. */
export function announce(words) {
  if (!news) return;
  // A live region tells of changes: the same sentence twice would be silent.
  news.textContent = news.textContent === words ? words + "\u00a0" : words;
}

/** Shows a sentence at the foot of the window for a few seconds, and has it read out. */
export function mention(words) {
  announce(words);
  toast?.remove();
  clearTimeout(timer);
  toast = document.createElement("p");
  toast.className = "toast";
  toast.setAttribute("aria-hidden", "true"); // read out already
  toast.textContent = words;
  document.body.append(toast);
  timer = setTimeout(() => toast.remove(), TOAST_MS);
}

/** Shows a bar at the top that stays, for as long as something is not as it should be. */
export function bar(words, link) {
  unbar();
  const element = document.createElement("div");
  element.className = "bar";
  element.id = "bar";
  element.setAttribute("role", "status");
  element.append(words);
  if (link) {
    const a = document.createElement("a");
    a.href = link.href;
    a.target = "_blank";
    a.textContent = link.words;
    element.append(" ", a);
  }
  document.body.prepend(element);
}

/** Takes the bar away. */
export function unbar() {
  document.getElementById("bar")?.remove();
}
