// The feed while it is open: new posts come in at the top, what changes is drawn again, what is deleted goes, and older
// posts follow as one reads on.
import { get } from "./net.js";
import { morph } from "./morph.js";
import { announce } from "./say.js";
import { restoreAnswers } from "./kept.js";

const PAUSE_MS = 60;
const TOP_PX = 80; // nearer to the top than this, new posts may push the others down
const MANY = 6; // from so many new posts on, the whole feed is asked for instead of each
const OLDER_PX = 900; // how far ahead older posts are fetched

const feed = document.querySelector("[data-feed]");
const fresh = document.querySelector("[data-fresh]");
const waiting = new Map(); // post id → what to do with it: "refresh" or "add"
let timer = 0;
let unseen = 0;

const postOf = (id) => document.getElementById("post-" + id);

/** Notes a change, to be followed in a moment together with others. */
export function changed({ kind, id, post }) {
  switch (kind) {
    case "post":
    case "changed":
      later(id, kind === "post" ? "add" : "refresh");
      break;
    case "comment":
      later(post, "refresh");
      break;
    case "hidden":
      repair();
      break;
    case "reaction":
      if (id !== post && document.getElementById("comment-" + id)) refreshComment(id);
      else later(post, "refresh");
      break;
    case "deleted":
      if (post) later(post, "refresh");
      else removePost(id);
      break;
  }
}

function later(id, what) {
  if (!id || (!postOf(id) && what === "refresh")) return;
  waiting.set(id, postOf(id) ? "refresh" : "add");
  timer ||= setTimeout(work, PAUSE_MS);
}

async function work() {
  const tasks = [...waiting];
  waiting.clear();
  const adds = tasks.filter(([, what]) => what === "add").length;
  if (adds >= MANY) await repair();
  else for (const [id, what] of tasks) await (what === "add" ? addPost(id) : refreshPost(id));
  timer = waiting.size ? setTimeout(work, PAUSE_MS) : 0;
}

/** How much of a post is to be asked for: what is on the page. */
export function extent(post) {
  if (post.hasAttribute("data-whole")) return "?whole";
  return post.hasAttribute("data-expanded") ? "?all" : "";
}

/** Draws a post again. */
export async function refreshPost(id) {
  const post = postOf(id);
  if (!post) return;
  const reply = await get("/fragment/post/" + encodeURIComponent(id) + extent(post));
  if (reply.ok) showPost(reply.part);
  else if (reply.status === 404 || reply.status === 410) removePost(id);
}

/** Puts a post that the server drew in the place of the one on the page. */
export function showPost(part) {
  const drawn = part?.querySelector("[data-post]");
  const post = drawn && document.getElementById(drawn.id);
  if (!post) return;
  const comments = new Set([...post.querySelectorAll("[data-comment]")].map((c) => c.id));
  still(() => morph(post, drawn));
  for (const comment of post.querySelectorAll("[data-comment]")) {
    if (comments.has(comment.id)) continue;
    comment.classList.add("arrived");
    if (comment.querySelector(".comment-author a")?.getAttribute("href") !== "/people/" + me()) {
      announce(comment.querySelector(".comment-author").textContent + " commented: " + comment.querySelector(".comment-text").textContent);
    }
  }
}

const me = () => document.querySelector("[data-me]")?.dataset.me;

async function refreshComment(id) {
  const reply = await get("/fragment/comment/" + encodeURIComponent(id));
  const drawn = reply.part?.querySelector("[data-comment]");
  const comment = document.getElementById("comment-" + id);
  if (reply.ok && drawn && comment) still(() => morph(comment, drawn));
}

/** Takes a post off the page. On its own page, a sentence stays in its place. */
export function removePost(id) {
  const post = postOf(id);
  if (!post) return;
  if (post.closest("[data-single]")) {
    const note = document.createElement("p");
    note.className = "card nothing center soft";
    note.textContent = "This post was deleted.";
    post.replaceWith(note);
  } else {
    still(() => post.remove());
  }
}

async function addPost(id) {
  if (!feed?.hasAttribute("data-newest") || postOf(id)) return;
  const reply = await get("/fragment/post/" + encodeURIComponent(id));
  const post = reply.part?.querySelector("[data-post]");
  if (reply.ok && post && insertPost(post)) announce("New post by " + post.querySelector(".post-author").textContent.trim());
}

/**
 * Puts a post into the feed where it belongs by its time.
 * @returns {boolean} whether it belongs here
 */
export function insertPost(post) {
  if (!feed || document.getElementById(post.id)) return false;
  const wall = feed.dataset.page.match(/^\/people\/(.+)$/);
  if (wall && (decodeURIComponent(wall[1]) !== post.dataset.author || post.hasAttribute("data-group"))) return false;
  const tagged = feed.dataset.page.startsWith("/tag/");
  if (tagged && ![...post.querySelectorAll(".post-text .tag")].some((tag) => tag.getAttribute("href") === feed.dataset.page)) return false;
  const group = feed.dataset.page.match(/^\/groups\/(.+)$/);
  if (group && decodeURIComponent(group[1]) !== post.dataset.space) return false;
  if (!wall && !group && (post.hasAttribute("data-muted") || post.hasAttribute("data-hidden"))) return false;
  const next = [...feed.querySelectorAll(":scope > [data-post]")].find((other) => other.dataset.at <= post.dataset.at);
  const end = feed.querySelector("[data-feed-end]");
  if (!next && end.querySelector("[data-older]")) return false; // it comes with the older ones
  end.querySelector(".nothing")?.remove();
  post.classList.add("arrived");
  const above = still(() => feed.insertBefore(post, placeBefore(next) ?? end));
  if (above) countFresh(1);
  return true;
}

/** Where something goes in before a post: before the line that belongs to it, too. */
function placeBefore(next) {
  const line = next?.previousElementSibling;
  return line?.hasAttribute("data-line") ? line : next;
}

/**
 * Changes the feed without moving what is being read: the first post in sight stays where it is, unless the page is at its
 * top and nobody is typing in the feed or points at it.
 * @returns {boolean} whether something came in above what is in sight
 */
function still(change) {
  const holds = scrollY > TOP_PX || feed?.contains(document.activeElement) || feed?.matches(":hover");
  const anchor = holds && [...document.querySelectorAll("[data-post]")].find((post) => post.getBoundingClientRect().bottom > TOP_PX);
  const before = anchor ? anchor.getBoundingClientRect().top : 0;
  change();
  const moved = anchor?.isConnected ? anchor.getBoundingClientRect().top - before : 0;
  if (moved) scrollBy({ top: moved, behavior: "instant" });
  return moved > 0;
}

function countFresh(n) {
  if (!fresh) return;
  unseen = n ? unseen + n : 0;
  fresh.hidden = !unseen;
  fresh.querySelector("[data-fresh-words]").textContent = unseen === 1 ? "1 new post" : unseen + " new posts";
}

/** Brings the whole feed up to date, as a reload would, however far one has read. */
export async function repair(count = 0) {
  for (const post of document.querySelectorAll("[data-single] [data-post]")) await refreshPost(post.dataset.post);
  if (!feed) return;
  if (!feed.hasAttribute("data-newest")) {
    for (const post of feed.querySelectorAll(":scope > [data-post]")) await refreshPost(post.dataset.post);
    return;
  }
  const shown = feed.querySelectorAll(":scope > [data-post]").length;
  const reply = await get(feed.dataset.src + (feed.dataset.src.includes("?") ? "&" : "?") + "count=" + Math.max(shown, count));
  const drawn = reply.part?.firstElementChild;
  if (!reply.ok || !drawn) return;
  const known = new Set([...feed.children].map((child) => child.id));
  const expanded = [...feed.querySelectorAll("[data-expanded]")];
  const above = still(() => morph(feed, drawn, (element) => element.hasAttribute("data-expanded")));
  if (above) countFresh([...feed.querySelectorAll(":scope > [data-post]")].findIndex((post) => known.has(post.id)));
  for (const post of expanded) await refreshPost(post.dataset.post);
  restoreAnswers();
  watchEnd();
}

/** Shows all comments of a post. */
async function expand(link) {
  const post = link.closest("[data-post]");
  const reply = await get("/fragment/post/" + encodeURIComponent(post.dataset.post) + "?all");
  if (!reply.ok) return location.assign(link.href);
  const first = post.querySelector("[data-comment]");
  post.setAttribute("data-expanded", "");
  still(() => morph(post, reply.part.querySelector("[data-post]")));
  (post.querySelector("[data-comment]") ?? first)?.focus({ preventScroll: true });
}

const watcher = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.isIntersecting && older(entry.target)),
  { rootMargin: OLDER_PX + "px 0px" },
);

function watchEnd() {
  watcher.disconnect();
  const link = feed?.querySelector("[data-older]");
  if (link) watcher.observe(link);
}

async function older(link) {
  watcher.unobserve(link);
  const words = setTimeout(() => (link.textContent = "Looking for older posts"), 1000);
  const reply = await get(link.dataset.older);
  clearTimeout(words);
  const drawn = reply.part?.querySelector("[data-feed]");
  if (!reply.ok || !drawn) return void (link.textContent = "Older posts"); // still a link
  const end = feed.querySelector("[data-feed-end]");
  for (const post of drawn.querySelectorAll(":scope > [data-post], :scope > [data-line]")) {
    if (!document.getElementById(post.id)) feed.insertBefore(post, end);
  }
  morph(end, drawn.querySelector("[data-feed-end]"));
  restoreAnswers();
  watchEnd();
}

/** Coming back to a feed that was read far down: as far as before, where the browser has not kept the page itself. */
async function comeBack() {
  const was = history.state?.feed;
  if (!was || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  if (was.posts > feed.querySelectorAll(":scope > [data-post]").length) await repair(was.posts);
  scrollTo({ top: was.y, behavior: "instant" });
}

/** A comment to which a link leads is shown, also where it is folded away, or not among those that are open. */
function leadTo() {
  const comment = location.hash.startsWith("#comment-") && document.getElementById(location.hash.slice(1));
  if (!comment) return;
  for (let fold = comment.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  comment.scrollIntoView({ block: "center" });
  comment.focus({ preventScroll: true });
}

/** A picture that is not here yet shows its words instead of a broken frame. */
function missing(image) {
  image.dataset.failed = "";
  image.closest(".photo").classList.add("missing");
  image.closest(".photo").dataset.words = image.alt;
}

export function startFeed() {
  addEventListener("kith:looks", () => repair());
  addEventListener("hashchange", leadTo);
  leadTo();
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-comments]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    expand(link);
  });
  document.addEventListener("error", ({ target }) => target.matches?.(".photo img") && missing(target), true);
  for (const image of document.querySelectorAll(".photo img")) if (image.complete && !image.naturalWidth) missing(image);
  if (!feed) return;
  fresh?.addEventListener("click", () => {
    countFresh(0);
    scrollTo({ top: 0 });
    feed.querySelector("[data-post]")?.focus({ preventScroll: true });
  });
  addEventListener("scroll", () => scrollY < TOP_PX && unseen && countFresh(0), { passive: true });
  addEventListener("pagehide", () => {
    const posts = feed.querySelectorAll(":scope > [data-post]").length;
    history.replaceState({ ...history.state, feed: { posts, y: scrollY } }, "");
  });
  watchEnd();
  comeBack();
}
