// News while a page is open: the number in the title of the tab and a dot on its icon; a message of the browser's own, where
// it was asked for; and what is before one's eyes is marked as seen.
import { get, send } from "./net.js";
import { announce } from "./say.js";

const READ_MS = 15_000; // the feed counts as read when it was in sight for this long
const WISH = "kith-tell-me"; // in the browser's storage: "yes" where its messages were asked for

const title = document.title;
let unread = 0;
let shown = new Set(); // news that the browser has told of

const bell = () => document.querySelector("[data-bell]");

/** Shows the number of the bell in the title and on the icon. */
function count() {
  const now = Number(bell()?.dataset.bell ?? 0);
  document.title = now ? "(" + now + ") " + title : title;
  const icon = document.querySelector("link[rel=icon]");
  const wanted = now ? icon?.dataset.unread : icon?.dataset.plain;
  if (icon && wanted && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
  if (now > unread) {
    announce(now === 1 ? "One piece of news" : now + " pieces of news");
    tell();
  }
  unread = now;
}

const granted = () => globalThis.Notification?.permission === "granted" && wish() === "yes";

function wish() {
  try {
    return localStorage.getItem(WISH);
  } catch {
    return null; // this browser keeps nothing
  }
}

/** Has the browser tell of what is new, while nobody looks at this tab. One of several tabs does it. */
async function tell() {
  if (!granted() || !document.hidden) return;
  if (navigator.locks) await navigator.locks.request("kith-tell-me", { ifAvailable: true }, (lock) => lock && tellNow());
  else await tellNow();
}

async function tellNow() {
  const reply = await get("/fragment/news");
  const line = [...(reply.part?.querySelectorAll("[data-news]") ?? [])].find((l) => !shown.has(l.dataset.news));
  if (!reply.ok || !line) return;
  for (const other of reply.part.querySelectorAll("[data-news]")) shown.add(other.dataset.news);
  const words = line.querySelector(".news-did").textContent.trim();
  const message = new Notification("kith", { body: words, tag: "kith-" + line.dataset.news, icon: document.querySelector("link[rel=icon]")?.href });
  const where = line.querySelector(".news-did a")?.getAttribute("href") ?? "/news";
  message.onclick = () => {
    focus();
    location.assign(where);
  };
}

/** The button that asks for the browser's messages. They are never asked for by themselves. */
function startAsking() {
  const box = document.querySelector("[data-tell-me]");
  if (!box || !globalThis.Notification || !isSecureContext) return;
  const button = box.querySelector("[data-tell-me-button]");
  const words = box.querySelector("p");
  const draw = () => {
    box.hidden = false;
    button.hidden = Notification.permission === "denied";
    if (Notification.permission === "denied") words.textContent = "Your browser was told not to show messages of kith. You can change that in its settings.";
    else button.textContent = granted() ? "Don’t tell me any more" : "Tell me on this computer";
  };
  button.addEventListener("click", async () => {
    const on = !granted();
    if (on && Notification.permission !== "granted") await Notification.requestPermission();
    try {
      localStorage.setItem(WISH, on ? "yes" : "no");
    } catch {
      words.textContent = "Your browser keeps nothing of this page, so it can’t remember your wish.";
    }
    draw();
  });
  draw();
}

/** On a post's own page, the news about it have been seen. */
function seePost() {
  const post = document.querySelector("[data-single] [data-post]")?.dataset.post;
  if (post && !document.hidden && unread) send("/news/seen", { post });
}

let watched = 0;
let marked = "";

/** The feed has been read from its first post on, once that was in sight for a while. */
function watchFeed() {
  const feed = document.querySelector("[data-feed][data-newest][data-page='/']");
  if (!feed) return;
  const step = 1000;
  setInterval(() => {
    const first = feed.querySelector(":scope > [data-post]");
    if (!first || document.hidden) return;
    const box = first.getBoundingClientRect();
    if (first.dataset.post === marked || box.top > innerHeight || box.bottom < 0) return;
    watched += step;
    if (watched < READ_MS) return;
    watched = 0;
    marked = first.dataset.post;
    send("/feed/seen", { post: marked });
  }, step);
}

export function startNews() {
  if (!bell()) return;
  unread = Number(bell().dataset.bell);
  count();
  const observer = new MutationObserver(() => {
    count();
    seePost();
  });
  for (const one of document.querySelectorAll("[data-bell]")) observer.observe(one, { attributes: true, attributeFilter: ["data-bell"] });
  startAsking();
  seePost();
  watchFeed();
}
