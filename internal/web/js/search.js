// Searching: what is found comes while one types. Each letter makes the question before it pointless, so that is given up.
import { get } from "./net.js";
import { announce } from "./say.js";

const PAUSE_MS = 120; // between letters of somebody who types
const TOLD_MS = 900; // how long after the last letter the count is read out

const form = document.querySelector("[data-search]");
let asked = ""; // what is shown, as the query of an address
let under = null; // the request under way
let timer = 0;
let telling = 0;

/** What is in the form, without what is empty, as the query of an address. */
function query() {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  return new URLSearchParams(fields).toString();
}

function soon(pause) {
  clearTimeout(timer);
  timer = setTimeout(look, pause);
}

async function look() {
  const now = query();
  if (now === asked) return;
  asked = now;
  under?.abort();
  const request = (under = new AbortController());
  let reply;
  try {
    reply = await get("/fragment/search?" + now, { signal: request.signal });
  } catch {
    return; // given up for a newer one
  }
  if (request !== under) return;
  const found = reply.part?.firstElementChild;
  if (!found) return;
  const place = document.getElementById("search-found");
  if (found.id === place.id) place.replaceWith(found);
  else place.replaceChildren(found); // what went wrong
  history.replaceState(history.state, "", "/search" + (now && "?" + now));
  clearTimeout(telling);
  telling = setTimeout(() => tell(found), TOLD_MS);
}

function tell(found) {
  if (found.dataset.found === undefined || found.dataset.found === "") return;
  const n = Number(found.dataset.found);
  announce(n === 0 ? "Nothing found" : n === 1 ? "1 thing found" : n + " things found");
}

/** Goes through what was found, from the box downwards and back. */
function move(by) {
  const hits = [...document.querySelectorAll("[data-hit]")];
  const box = form.elements.q;
  const at = hits.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== box) return false;
  const to = at + by;
  if (to >= hits.length) return true;
  const target = to < 0 ? box : hits[to];
  target.focus();
  target.closest(".hit, .person-line")?.scrollIntoView({ block: "nearest" });
  return true;
}

const typing = (element) => element.closest("input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable]");

export function startSearch() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (!document.querySelector(".house")) return; // nobody is signed in
    event.preventDefault();
    if (form) form.elements.q.select();
    else location.assign("/search");
  });
  if (!form) return;
  asked = query();
  form.addEventListener("input", (event) => soon(event.target.name === "q" && !event.isComposing ? PAUSE_MS : PAUSE_MS * 2));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input[type='date']")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (move(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "Escape" && document.activeElement.matches("[data-hit]")) {
      form.elements.q.focus();
    }
  });
  addEventListener("pageshow", (event) => event.persisted && soon(0));
}
