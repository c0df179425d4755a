// The draft as this browser knows it, as a second safety: it is there after a crash of kith too, and after a reload that
// was faster than the last save. Photos are named by their ids; the pictures themselves are on the server.

const KEY = "kith:draft";

/** Keeps a draft { text, to, photos: [{ id, alt }], beside: [[name, value]] } that may not be on the server yet. */
export function keepDraft(draft) {
  localStorage.setItem(KEY, JSON.stringify(draft));
}

/** The draft that the server may not have, or null. */
export function keptDraft() {
  try {
    const { text, to, photos, beside } = JSON.parse(localStorage.getItem(KEY));
    return typeof text === "string" && Array.isArray(photos) ? { text, to: String(to ?? ""), photos, beside: Array.isArray(beside) ? beside : [] } : null;
  } catch {
    return null;
  }
}

/** Forgets it: the server has it, or it is published. */
export function forgetDraft() {
  localStorage.removeItem(KEY);
}
