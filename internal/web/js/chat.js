// An open chat: messages come in live and in order, one's own are there at once, and what is in sight stays in place.
import { get, send, fieldsOf, wordsOf } from "./net.js";
import { morph } from "./morph.js";
import { announce } from "./say.js";
import { startVoice, play } from "./voice.js";

const END_PX = 60; // nearer to the foot than this, new messages scroll the others up
const READ_MS = 400; // how long what was read is gathered before it is told
const PAGE = 40; // as the server draws

const chat = document.querySelector("[data-chat]");
const form = chat?.querySelector("[data-chat-composer]");
const fresh = chat?.querySelector("[data-talk-fresh]");
let talk = chat?.querySelector("[data-talk]");
let list = chat?.querySelector("#talk-list");
let drawing = false; // the newest messages are being asked for
let again = false;
let reading = 0; // timer
let told = ""; // up to which message was told as read
const outbox = []; // what is being sent, in order
let sending = false;

const id = () => chat.dataset.chat;
const spaces = () => talk.dataset.spaces.split(" ");
const atEnd = () => talk.scrollHeight - talk.scrollTop - talk.clientHeight < END_PX;
const toEnd = () => (talk.scrollTop = talk.scrollHeight);
const newest = () => !location.search.includes("before=");
const drawnMessages = () => [...list.querySelectorAll("[data-message]:not([data-pending])")];

/** Follows a change of the home. */
export function changed({ kind, id: which, post }) {
  if (!chat) return;
  const ours = kind === "message" ? spaces().includes(post) || document.getElementById("message-" + which)
    : kind === "chat" ? !which || spaces().includes(which)
    : kind === "reaction" && document.getElementById("message-" + which);
  if (ours) refresh();
}

/** Brings everything up to date, after changes may have been missed. */
export const repair = () => chat && refresh();

/** Draws the newest messages again, as many as there are on the page. One request is under way at a time. */
async function refresh() {
  if (!newest()) return;
  if (drawing) {
    again = true;
    return;
  }
  drawing = true;
  do {
    again = false;
    const shown = drawnMessages().length;
    const reply = await get("/fragment/chat/" + encodeURIComponent(id()) + "?count=" + Math.min(shown > PAGE ? shown + 10 : PAGE, 400));
    const drawn = reply.part?.querySelector("[data-talk]");
    if (reply.ok && drawn) show(drawn);
  } while (again);
  drawing = false;
}

/** Puts what the server drew in the place of what is there; older messages that were loaded stay above it. */
function show(drawn) {
  const end = atEnd();
  const known = new Set(drawnMessages().map((m) => m.id));
  const goal = drawn.querySelector("#talk-list");
  const first = goal.querySelector("[data-message]");
  const older = first && document.getElementById(first.id);
  const kept = [];
  if (older && known.size > goal.querySelectorAll("[data-message]").length) {
    for (const child of list.children) {
      if (child === older) break;
      if (child.id !== "talk-new") kept.push(child);
    }
    const there = new Set(kept.map((child) => child.id));
    for (const child of [...goal.children]) if (there.has(child.id)) child.remove();
    goal.prepend(...kept.map((child) => child.cloneNode(true)));
    drawn.querySelector("#talk-older").replaceWith(talk.querySelector("#talk-older").cloneNode(true));
  }
  const line = list.querySelector("#talk-new");
  if (line && !goal.querySelector("#talk-new")) {
    // The line stays where it was for as long as the page is open, also when everything has been read.
    const next = line.nextElementSibling?.id;
    const place = next && goal.querySelector("#" + CSS.escape(next));
    if (place) place.before(line.cloneNode(true));
  }
  const came = [...goal.querySelectorAll("[data-message]")].filter((m) => !known.has(m.id));
  for (const mine of came.filter((m) => m.classList.contains("message-mine"))) settle(mine);
  const pending = [...list.querySelectorAll("[data-pending]")];
  pending.forEach((element) => element.remove());
  morph(talk, drawn, (element) => element.matches("audio") || element.hasAttribute("data-playing"));
  talk = chat.querySelector("[data-talk]");
  list = chat.querySelector("#talk-list");
  list.append(...outbox.map((entry) => entry.element));
  if (outbox.length) chat.querySelector("#talk-nothing")?.remove();
  watchOlder();
  if (end) toEnd();
  const theirs = came.filter((m) => !m.classList.contains("message-mine"));
  for (const message of theirs) {
    announce(message.dataset.author + ": " + (message.querySelector(".message-text")?.textContent ?? "a photo or file"));
  }
  if (theirs.length && !end && known.size) fresh.hidden = false;
  read();
}

/** Tells the home what is in sight, once the newest message is. */
function read() {
  if (!newest() || document.hidden || !document.hasFocus() || !atEnd()) return;
  if (fresh) fresh.hidden = true;
  const last = drawnMessages().at(-1);
  if (!last || last.id === told || !list.querySelector("[data-new]")) return;
  clearTimeout(reading);
  reading = setTimeout(async () => {
    told = last.id;
    const reply = await send("/chat/" + encodeURIComponent(id()) + "/read", [["up-to", last.dataset.message]]);
    if (!reply.ok) told = "";
  }, READ_MS);
}

// Sending ------------------------------------------------------------------------------------------------------

const keptAt = () => "kith:chat:" + id();
const plain = (text) => text.replace(/\s+/g, " ").trim();

/** Shows a message at once, and sends it after those before it. */
function queue(fields, files, text) {
  const element = document.createElement("li");
  element.className = "message message-mine message-first";
  element.dataset.pending = "";
  const bubble = document.createElement("div");
  bubble.className = "message-bubble";
  for (const { file } of files) {
    const line = document.createElement("p");
    line.className = "message-sending-file";
    if (file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = "";
      image.addEventListener("load", () => (URL.revokeObjectURL(image.src), toEnd()));
      line.append(image);
    } else {
      line.textContent = file.type.startsWith("audio/") ? "Voice note" : file.name;
    }
    bubble.append(line);
  }
  if (text) {
    const words = document.createElement("div");
    words.className = "message-text";
    words.dir = "auto";
    words.textContent = text;
    bubble.append(words);
  }
  const foot = document.createElement("p");
  foot.className = "message-foot";
  const state = document.createElement("span");
  state.className = "message-state message-state-sending";
  state.textContent = "Sending";
  foot.append(state);
  bubble.append(foot);
  const body = document.createElement("div");
  body.className = "message-body";
  body.append(bubble);
  element.append(body);
  outbox.push({ element, state, fields, files, text, tried: false });
  chat.querySelector("#talk-nothing")?.remove();
  list.append(element);
  toEnd();
  work();
}

async function work() {
  if (sending) return;
  sending = true;
  for (let entry; (entry = outbox.find((e) => !e.tried && !e.sent)); ) {
    entry.tried = true;
    const body = new FormData();
    for (const [name, value] of entry.fields) body.append(name, value);
    body.append("text", entry.text);
    for (const { file, lasting, wave } of entry.files) {
      body.append("lasting", lasting ?? "");
      body.append("wave", wave ?? "");
      body.append("file", file, file.name);
    }
    // A form with files is sent as it is; one without is shorter as fields.
    const reply = entry.files.length
      ? await send("/chat/" + encodeURIComponent(id()), [], { body })
      : await send("/chat/" + encodeURIComponent(id()), [...body]);
    if (reply.ok) {
      entry.sent = true;
      refresh();
    } else {
      failed(entry, reply);
    }
  }
  sending = false;
}

/** One's own message was drawn: what stood for it goes. */
function settle(drawn) {
  const words = plain(drawn.querySelector(".message-text")?.textContent ?? "");
  const at = outbox.findIndex((entry) => plain(entry.text) === words);
  if (at >= 0) outbox.splice(at, 1)[0].sent = true;
}

function failed(entry, reply) {
  entry.state.textContent = "Not sent. " + (wordsOf(reply.part) || "Please try again.");
  entry.state.classList.add("message-state-failed");
  const retry = document.createElement("button");
  retry.type = "button";
  retry.className = "quiet-link";
  retry.textContent = "Try again";
  retry.addEventListener("click", () => {
    entry.tried = false;
    entry.state.textContent = "Sending";
    entry.state.classList.remove("message-state-failed");
    work();
  });
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "quiet-link";
  drop.textContent = "Take it back";
  drop.addEventListener("click", () => {
    outbox.splice(outbox.indexOf(entry), 1);
    entry.element.remove();
    const text = form.elements.text;
    if (!text.value) text.value = entry.text;
    text.focus();
  });
  entry.state.append(" ", retry, " ", drop);
}

// The composer ---------------------------------------------------------------------------------------------------

let chosen = []; // files to go with the next message

function submit() {
  const text = form.elements.text;
  if (!text.value.trim() && !chosen.length) return text.focus();
  const fields = fieldsOf(form).filter(([name]) => name === "reply");
  queue(fields, chosen, text.value.trim());
  text.value = "";
  localStorage.removeItem(keptAt());
  text.dispatchEvent(new Event("input", { bubbles: true }));
  chosen = [];
  drawFiles();
  answer("", "", "");
  text.focus();
}

function answer(message, who, words) {
  form.elements.reply.value = message;
  form.querySelector("[data-chat-reply]").hidden = !message;
  form.querySelector("[data-chat-reply-who]").textContent = who;
  form.querySelector("[data-chat-reply-words]").textContent = words.slice(0, 140);
}

function choose(files) {
  for (const file of files) if (file.size) chosen.push({ file });
  drawFiles();
}

function drawFiles() {
  const box = form.querySelector("[data-chat-files]");
  box.hidden = !chosen.length;
  box.replaceChildren(...chosen.map((entry) => {
    const item = document.createElement("li");
    if (entry.file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(entry.file);
      image.alt = "";
      item.append(image);
    }
    const name = document.createElement("span");
    name.textContent = entry.lasting ? "Voice note" : entry.file.name;
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "icon-button";
    drop.textContent = "×";
    drop.setAttribute("aria-label", "Take out " + name.textContent);
    drop.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== entry);
      drawFiles();
      form.elements.text.focus();
    });
    item.append(name, drop);
    return item;
  }));
}

function startComposer() {
  if (!form) return;
  const text = form.elements.text;
  text.value ||= localStorage.getItem(keptAt()) ?? "";
  const grow = () => {
    text.rows = Math.min(8, text.value.split("\n").length);
  };
  grow();
  text.addEventListener("input", () => {
    grow();
    if (text.value.trim()) localStorage.setItem(keptAt(), text.value);
    else localStorage.removeItem(keptAt());
  });
  let sent = false; // the key that is down has sent the message: it is no line break
  text.addEventListener("keydown", (event) => {
    sent = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!sent) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("keyup", () => (sent = false));
  text.addEventListener("beforeinput", (event) => sent && event.inputType === "insertLineBreak" && event.preventDefault());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  const pick = form.querySelector("input[type=file]");
  pick.addEventListener("change", () => {
    choose(pick.files);
    pick.value = "";
    text.focus();
  });
  text.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    choose(event.clipboardData.files);
  });
  chat.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    chat.classList.add("chat-drop");
  });
  chat.addEventListener("dragleave", (event) => chat.contains(event.relatedTarget) || chat.classList.remove("chat-drop"));
  chat.addEventListener("drop", (event) => {
    chat.classList.remove("chat-drop");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    choose(event.dataTransfer.files);
  });
  form.querySelector("[data-chat-reply-drop]").addEventListener("click", (event) => {
    event.preventDefault();
    answer("", "", "");
    text.focus();
  });
  startVoice(form.querySelector("[data-chat-voice]"), form.querySelector("[data-chat-trouble]"), (note) => {
    chosen.push(note);
    drawFiles();
  });
  if (matchMedia("(min-width: 761px)").matches) text.focus({ preventScroll: true });
}

// Older messages ----------------------------------------------------------------------------------------------------

const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && older(entry.target)), { rootMargin: "400px 0px" });

function watchOlder() {
  watcher.disconnect();
  const link = talk.querySelector("[data-older-talk]");
  if (link && newest()) watcher.observe(link);
}

async function older(link) {
  watcher.unobserve(link);
  const reply = await get(link.dataset.olderTalk);
  const drawn = reply.part?.querySelector("[data-talk]");
  if (!reply.ok || !drawn) return; // still a link
  const height = talk.scrollHeight;
  const have = new Set([...list.children].map((child) => child.id));
  const found = [...drawn.querySelector("#talk-list").children];
  const day = list.firstElementChild;
  if (day?.classList.contains("talk-day") && found.some((child) => child.id === day.id)) day.remove();
  list.prepend(...found.filter((child) => !child.id || !have.has(child.id) || child.id === day?.id));
  morph(talk.querySelector("#talk-older"), drawn.querySelector("#talk-older"));
  talk.scrollTop += talk.scrollHeight - height;
  watchOlder();
}

export function startChat() {
  if (!chat) return;
  startComposer();
  const line = list.querySelector("#talk-new");
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: "center" });
  else if (line) line.scrollIntoView({ block: "start" });
  else toEnd();
  watchOlder();
  read();
  talk.addEventListener("scroll", read, { passive: true });
  addEventListener("focus", read);
  document.addEventListener("visibilitychange", read);
  fresh?.addEventListener("click", toEnd);
  chat.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (button) return play(button);
    const reply = event.target.closest("[data-reply]");
    if (!reply || !form) return;
    event.preventDefault();
    reply.closest("details").open = false;
    const message = reply.closest("[data-message]");
    answer(reply.dataset.reply, message.dataset.author, message.querySelector(".message-text")?.textContent ?? "a photo or file");
    form.elements.text.focus();
  });
}
