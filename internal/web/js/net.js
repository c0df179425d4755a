// Requests to our own server: fragments to show, forms to send.
import { parse } from "./trusted.js";
import { bar } from "./say.js";

/** Tells the server that a fragment is wanted (render.go). */
const headers = { "Kith-Part": "1" };

const AWAY = "kith is not running on this computer right now. What you typed is still here; start kith and try again.";

/**
 * What came back.
 * @typedef {object} Reply
 * @property {boolean} ok
 * @property {number} status 0 if nobody answered
 * @property {DocumentFragment|null} part what to show: the answer, or what went wrong
 * @property {string} go where a browser without scripts would be sent
 */

/** @returns {Promise<Reply>} */
async function request(url, options) {
  let response, text;
  try {
    response = await fetch(url, { ...options, headers: { ...headers, ...options?.headers } });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { ok: false, status: 0, part: trouble("Nobody answers", AWAY), go: "" };
  }
  if (response.status === 401) bar("This browser is signed out.", { href: "/", words: "Sign in" });
  const html = response.headers.get("Content-Type")?.startsWith("text/html");
  return { ok: response.ok, status: response.status, part: html ? parse(text) : null, go: response.headers.get("Kith-Go") ?? "" };
}

/** Fetches a fragment. */
export function get(url, options) {
  return request(url, options);
}

/** Sends fields, as a form would. */
export function send(url, fields, options) {
  return request(url, { method: "POST", body: new URLSearchParams(fields), ...options });
}

/** Sends a file by itself. */
export function upload(url, file) {
  return request(url, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
}

/** What a form would send, with the button that was pressed. */
export function fieldsOf(form, button) {
  return [...new FormData(form, button ?? null)].filter(([, value]) => typeof value === "string");
}

/** What the server says in a part, in one sentence or two. */
export function wordsOf(part) {
  const words = part?.querySelector(".trouble p:last-child, .said span")?.textContent.trim();
  return words ?? "";
}

/** Builds what the server would say of a trouble, for when it can't be asked. */
export function trouble(title, message) {
  const box = document.createElement("div");
  box.className = "trouble";
  box.setAttribute("role", "alert");
  const inside = document.createElement("div");
  for (const [name, words] of [["trouble-title", title], ["", message]]) {
    const p = document.createElement("p");
    p.className = name;
    p.textContent = words;
    inside.append(p);
  }
  box.append(inside);
  const part = document.createDocumentFragment();
  part.append(box);
  return part;
}
