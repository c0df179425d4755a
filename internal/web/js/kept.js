// Comments that are being written, kept in the browser: a reload or a crash loses no word of them.

const keyOf = (form) => "kith:answer:" + form.id;

/** Puts back what was being written when the page was left. */
export function restoreAnswers() {
  for (const form of document.querySelectorAll("[data-answer]")) {
    const text = form.elements.text;
    const kept = localStorage.getItem(keyOf(form));
    if (kept && !text.value) text.value = kept;
  }
}

/** Keeps what is in the form of a comment; an empty one is forgotten. */
export function keep(form) {
  const { value } = form.elements.text;
  if (value.trim()) localStorage.setItem(keyOf(form), value);
  else localStorage.removeItem(keyOf(form));
}
