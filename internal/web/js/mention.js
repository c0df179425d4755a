// Mentions: an "@" in a text opens a list of those who can see it. Arrows move in it, Enter or Tab chooses, Escape closes it.
import { get } from "./net.js";

const FRESH_MS = 30_000; // for so long the people of a list are not asked for again
const SHOWN = 6;

const known = new Map(); // address → { at, people }
let open = null; // { text, start, box, at } while a list is shown
let asked = 0;

async function people(form) {
  const to = form.dataset.mentions === "?to=" ? encodeURIComponent(form.elements.to?.value ?? "") : "";
  const address = "/fragment/mentionable" + form.dataset.mentions + to;
  const before = known.get(address);
  if (before && Date.now() - before.at < FRESH_MS) return before.people;
  const reply = await get(address);
  const list = reply.ok ? [...reply.part.querySelectorAll("[data-person]")] : [];
  known.set(address, { at: Date.now(), people: list });
  return list;
}

/** Where the name begins that is being typed, or -1. */
function nameStart(text) {
  if (text.selectionStart !== text.selectionEnd) return -1;
  const before = text.value.slice(0, text.selectionStart);
  const at = before.lastIndexOf("@");
  if (at < 0 || /[\p{L}\p{N}]$/u.test(before.slice(0, at))) return -1;
  return /^[^\n@]{0,40}$/.test(before.slice(at + 1)) ? at : -1;
}

const fold = (name) => name.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

async function typed(text) {
  const start = nameStart(text);
  if (start < 0) return close();
  const mine = ++asked;
  const all = await people(text.form);
  if (mine !== asked || nameStart(text) !== start) return;
  const word = fold(text.value.slice(start + 1, text.selectionStart));
  const fits = all.filter(({ dataset }) => fold(dataset.name).startsWith(word) || fold(dataset.name).split(/\s+/).some((part) => word && part.startsWith(word)));
  // What was chosen already, and is followed by other words, is not offered again.
  if (!fits.length || fits.some(({ dataset }) => word === fold(dataset.name) + " ")) return close();
  show(text, start, fits.slice(0, SHOWN));
}

function show(text, start, fits) {
  close();
  const box = document.createElement("ul");
  box.className = "mention-list";
  box.id = "mention-list";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "People who can see this");
  fits.forEach((person, i) => {
    const item = person.cloneNode(true);
    item.id = "mention-" + i;
    item.setAttribute("role", "option");
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the text keeps the focus
      choose(i);
    });
    box.append(item);
  });
  text.after(box);
  open = { text, start, box, at: 0 };
  text.setAttribute("aria-controls", box.id);
  text.setAttribute("aria-expanded", "true");
  mark(0);
}

function mark(at) {
  open.at = (at + open.box.children.length) % open.box.children.length;
  [...open.box.children].forEach((item, i) => item.setAttribute("aria-selected", i === open.at));
  open.text.setAttribute("aria-activedescendant", open.box.children[open.at].id);
  open.box.children[open.at].scrollIntoView({ block: "nearest" });
}

function choose(at) {
  const { text, start, box } = open;
  const { person, name } = box.children[at].dataset;
  text.setRangeText("@" + name + " ", start, text.selectionStart, "end");
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "mention";
  field.value = person;
  if (![...text.form.querySelectorAll("[name=mention]")].some((other) => other.value === person)) text.form.append(field);
  close();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function close() {
  asked++;
  if (!open) return;
  open.box.remove();
  for (const name of ["aria-controls", "aria-expanded", "aria-activedescendant"]) open.text.removeAttribute(name);
  open = null;
}

function keys(event) {
  if (!open || event.target !== open.text || event.isComposing) return;
  const act = {
    ArrowDown: () => mark(open.at + 1),
    ArrowUp: () => mark(open.at - 1),
    Enter: () => choose(open.at),
    Tab: () => choose(open.at),
    Escape: close,
  }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

export function startMentions() {
  document.addEventListener("input", (event) => event.target.matches("[data-mentions] textarea") && typed(event.target));
  document.addEventListener("keydown", keys, true);
  document.addEventListener("focusout", (event) => open && event.target === open.text && close());
}
