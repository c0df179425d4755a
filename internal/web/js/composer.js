// The composer. The draft is kept in the browser with every key and on the server a moment later; photos go up one after
// the other as soon as they are chosen. Whatever fails, the text stays.
import { get, send, upload, trouble } from "./net.js";
import { insertPost } from "./feed.js";
import { keepDraft, keptDraft, forgetDraft } from "./draft.js";
import { pendingTile, failTile } from "./tiles.js";
import { sendFile } from "./composer_files.js";
import { announce, mention } from "./say.js";

const SAVE_MS = 600;
const MAX_BYTES = 64 * 1024 * 1024; // as the server has it (forms.go)

const form = document.querySelector("[data-composer]");
const text = form?.elements.text;
const list = form?.querySelector("[data-draft-photos]");
const fileList = form?.querySelector("[data-draft-files]");
const state = form?.querySelector("[data-composer-state]");
const troubles = form?.querySelector("[data-composer-trouble]");
const max = Number(form?.dataset.max);

let chain = Promise.resolve(); // one request at a time, so that no save overtakes an upload
let uploads = 0; // waiting or under way
let uploaded = 0; // of those that were chosen together
let changes = 0; // counted, so that it shows whether one came while a save was under way
let savedAt = 0; // the count that the server has
let timer = 0;
let publishing = false;

const queue = (task) => (chain = chain.then(task, task));
const tiles = () => [...list.querySelectorAll("[data-draft-photo]")];
const failed = () => list.querySelectorAll(".draft-failed").length;

const altOf = (tile) => tile.querySelector("[name=photo-alt]");
const dirty = () => changes !== savedAt;

/** What stands beside the post, as fields of the form. */
const BESIDE = ["feeling", "place", "note", "poll-option", "poll-several", "poll-until"];
const beside = () => [...new FormData(form)].filter(([name, value]) => BESIDE.includes(name) && value !== "");
const filled = () => beside().some(([name]) => name !== "poll-several" && name !== "poll-until");
const filesSending = () => fileList.querySelectorAll("[data-sending]").length;

function draft() {
  return {
    text: text.value,
    to: form.elements.to?.value ?? "",
    photos: tiles().map((tile) => ({ id: tile.dataset.draftPhoto, alt: altOf(tile).value })),
    beside: beside(),
  };
}

function fields() {
  const { text, to, photos, beside } = draft();
  const files = [...fileList.querySelectorAll("[name=file-id]")].map((field) => ["file-id", field.value]);
  return [["text", text], ["to", to], ...photos.flatMap(({ id, alt }) => [["photo-id", id], ["photo-alt", alt]]), ...files, ...beside];
}

/** Puts what stands beside the post into its fields. */
function fill(list) {
  for (const name of BESIDE) {
    const values = list.filter(([other]) => other === name).map(([, value]) => value);
    form.querySelectorAll(`[name=${name}]`).forEach((field, i) => {
      if (field.type === "checkbox") field.checked = values.length > 0;
      else field.value = values[i] ?? "";
    });
  }
  form.querySelector("[data-composer-poll]").open = list.some(([name]) => name.startsWith("poll-"));
  form.querySelector("[data-composer-beside]").open = list.some(([name]) => !name.startsWith("poll-"));
}

/** Takes files of any kind, as they are. */
function addFiles(files) {
  for (const file of files) {
    sendFile(file, fileList, (line) => {
      if (line) announce(file.name + " is in the draft.");
      touch();
    });
  }
}

/** Notes that something changed, and saves it in a moment. */
function touch() {
  changes++;
  keepDraft(draft());
  say("");
  clearTimeout(timer);
  timer = setTimeout(() => queue(save), SAVE_MS);
}

async function save() {
  if (!dirty() || publishing) return;
  const saving = changes;
  const reply = await send("/draft", fields());
  if (!reply.ok) return say("Not saved yet; it is kept in this browser");
  savedAt = saving;
  if (dirty()) return; // the next save is coming
  forgetDraft();
  say(text.value || tiles().length || fileList.children.length || filled() ? "Draft saved" : "");
}

function say(words) {
  if (!uploads && !publishing) state.textContent = words;
}

function progress() {
  if (publishing) state.textContent = uploads ? "Posting when the photos are ready" : "Posting";
  else if (uploads) state.textContent = `Preparing photo ${uploaded + 1} of ${uploaded + uploads}`;
  else state.textContent = "";
}

/** Takes photos that were chosen, dropped or pasted. */
function add(files) {
  const pictures = [...files].filter(isPicture);
  const room = max - list.children.length;
  if (pictures.length > room) {
    complain("Some photos were left out", `A post has room for ${max} photos. The others can go into a second post; your text is safe.`);
  }
  for (const file of pictures.slice(0, Math.max(0, room))) {
    const tile = pendingTile(file, () => retry(file, tile), () => drop(tile));
    list.append(tile);
    start(file, tile);
  }
}

function start(file, tile) {
  if (file.size > MAX_BYTES) return failTile(tile, trouble("", "This picture is larger than 64 MB. Please take a smaller one."));
  if (!uploads) uploaded = 0;
  uploads++;
  progress();
  queue(async () => {
    if (tile.isConnected) await prepare(file, tile);
    uploads--;
    uploaded++;
    progress();
  });
}

async function prepare(file, tile) {
  const reply = await upload("/draft/photos", file);
  if (!reply.ok) return failTile(tile, reply.part);
  const ready = reply.part.querySelector("[data-draft-photo]");
  altOf(ready).value = tile.querySelector("[data-pending-alt]").value;
  const typing = tile.contains(document.activeElement);
  if (tile.isConnected) tile.replaceWith(ready); // else it was taken out meanwhile, and saving drops it
  if (typing) altOf(ready).focus();
  touch();
}

function retry(file, tile) {
  tile.classList.remove("draft-failed");
  start(file, tile);
}

function drop(tile) {
  const next = tile.nextElementSibling ?? tile.previousElementSibling;
  tile.remove();
  (next?.querySelector("input:not([type=hidden])") ?? text).focus();
  announce("The photo is taken out.");
  touch();
}

function complain(title, message) {
  troubles.replaceChildren(trouble(title, message));
}

const mentions = () => [...form.querySelectorAll("[name=mention]")].map((field) => ["mention", field.value]);

async function publish() {
  if (publishing) return;
  troubles.replaceChildren();
  if (failed()) return complain("One photo could not be added", "Try it again or take it out, then post. Your text is safe.");
  if (filesSending()) return complain("A file is still on its way", "Wait until it is there, or take it out, then post. Your text is safe.");
  if (!text.value.trim() && !list.children.length && !fileList.children.length) {
    state.textContent = "Write something, or add a photo";
    return text.focus();
  }
  publishing = true;
  text.readOnly = true; // what is typed now would belong to the next post
  progress();
  await queue(async () => {
    const reply = failed() ? { ok: false, part: null } : await send("/publish", [...fields(), ...mentions(), ["do", "publish"]]);
    publishing = text.readOnly = false;
    progress();
    if (!reply.ok) return troubles.replaceChildren(reply.part ?? "");
    clearTimeout(timer);
    text.value = "";
    list.replaceChildren();
    fileList.replaceChildren();
    fill([]);
    form.querySelectorAll("[name=mention]").forEach((field) => field.remove());
    savedAt = changes;
    forgetDraft();
    const post = reply.part.querySelector("[data-post]");
    if (!insertPost(post)) mention("Your post is out.");
    else announce("Your post is out.");
  });
}

function press(event) {
  const button = event.target.closest("button[data-move], button[data-remove], button[data-remove-file]");
  if (!button) return;
  event.preventDefault();
  if (button.hasAttribute("data-remove-file")) {
    button.closest("li").remove();
    text.focus();
    announce("The file is taken out.");
    return touch();
  }
  const tile = button.closest(".draft-photo");
  if (button.hasAttribute("data-remove")) return drop(tile);
  const other = button.dataset.move === "1" ? tile.nextElementSibling : tile.previousElementSibling;
  if (!other) return;
  if (button.dataset.move === "1") other.after(tile);
  else other.before(tile);
  button.focus();
  announce(`Photo ${[...list.children].indexOf(tile) + 1} of ${list.children.length}`);
  touch();
}

/** Photos can be dragged to another place by their picture. */
function dragging() {
  let tile = null;
  list.addEventListener("dragstart", (event) => {
    tile = event.target.closest(".draft-photo");
    tile?.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest(".draft-photo");
    if (!tile || !over || over === tile) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(tile);
    else over.after(tile);
  });
  list.addEventListener("dragend", () => {
    tile?.classList.remove("dragged");
    if (tile) touch();
    tile = null;
  });
}

const isPicture = (file) => file.type.startsWith("image/") || /\.(jpe?g|png|gif|webp|heic)$/i.test(file.name);

/** Takes what was dropped or pasted: pictures as photos, all else as files. */
function take(files) {
  add(files);
  addFiles([...files].filter((file) => !isPicture(file)));
}

/** Files may be dropped anywhere on the page: a drop beside the composer would otherwise lead away from it. */
function dropping() {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || form.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}

/** Another tab may have changed the draft: take it over, unless something is being written here. */
async function takeOver() {
  if (document.hidden || dirty() || uploads || publishing || form.contains(document.activeElement)) return;
  const group = form.elements.from && form.elements.to.value; // the composer of a group
  const reply = await get("/fragment/composer" + (group ? "?in=" + encodeURIComponent(group) : ""));
  const other = reply.part?.querySelector("[data-composer]");
  if (!reply.ok || !other || dirty() || uploads || publishing || form.contains(document.activeElement)) return;
  text.value = other.elements.text.value;
  if (form.elements.to?.options) form.elements.to.value = other.elements.to.value;
  list.replaceChildren(...other.querySelectorAll("[data-draft-photo]"));
  fileList.replaceChildren(...other.querySelectorAll("[data-draft-file]"));
  fill([...new FormData(other)].filter(([name, value]) => BESIDE.includes(name) && value !== ""));
}

/** Takes back what the server had not got yet when the page went away. */
function restore() {
  const kept = keptDraft();
  if (!kept || JSON.stringify(kept) === JSON.stringify(draft())) return;
  const here = new Map(tiles().map((tile) => [tile.dataset.draftPhoto, tile]));
  for (const { id, alt } of kept.photos) {
    const tile = here.get(id);
    if (!tile) continue; // it was taken out elsewhere
    altOf(tile).value = alt;
    list.append(tile);
  }
  text.value = kept.text;
  fill(kept.beside);
  const to = form.elements.to?.options && [...form.elements.to.options].find((option) => option.value === kept.to);
  if (to) to.selected = true;
  touch();
  say("What you were writing is here again");
}

export function startComposer() {
  if (!form) return;
  restore();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.value === "publish") publish();
  });
  form.addEventListener("input", (event) => event.target.type !== "file" && touch());
  form.addEventListener("click", press);
  form.elements.file.addEventListener("change", (event) => {
    addFiles(event.target.files);
    event.target.value = "";
  });
  form.elements.photo.addEventListener("change", (event) => {
    add(event.target.files);
    event.target.value = "";
  });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  dragging();
  dropping();
  document.addEventListener("visibilitychange", takeOver);
  addEventListener("pagehide", () => {
    if (dirty() && !uploads && !publishing) send("/draft", fields(), { keepalive: true }).catch(() => {});
  });
}
