// The text of the draft in the browser, as a second safety: it is there after a crash of kith too.

const KEY = "kith:draft";

/** Keeps a text that may not be on the server yet. */
export function keepText(text) {
  localStorage.setItem(KEY, JSON.stringify({ text, saved: false }));
}

/** Notes that the server has this text. */
export function textSaved(text) {
  localStorage.setItem(KEY, JSON.stringify({ text, saved: true }));
}

/** The text that the server may not have, or null. */
export function keptText() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && !kept.saved && kept.text.trim() ? kept.text : null;
  } catch {
    return null;
  }
}

export function forgetText() {
  localStorage.removeItem(KEY);
}
