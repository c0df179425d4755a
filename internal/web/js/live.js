// Keeps the open page as a reload would show it: regions are fetched again when something in them changed.
import { get } from "./net.js";
import { morph } from "./morph.js";
import { announce, mention } from "./say.js";

const PAUSE_MS = 80; // changes come in bunches: somebody's post, its photos, its delivery

const waiting = new Map(); // region id → timer

/** Fetches the regions that a change concerns. */
export function changed(change) {
  for (const region of document.querySelectorAll("[data-live]")) {
    const kinds = region.dataset.live.split(" ");
    if (!kinds.includes(change.kind)) continue;
    // A region of one person is not concerned by another one.
    if (change.kind === "person" && region.dataset.id && change.id && region.dataset.id !== change.id) continue;
    soon(region);
  }
}

/** Fetches every region. */
export function refreshRegions() {
  document.querySelectorAll("[data-live]").forEach(soon);
}

/** Fetches one region now. */
export const refreshRegion = (id) => refresh(id);

function soon(region) {
  clearTimeout(waiting.get(region.id));
  waiting.set(region.id, setTimeout(() => refresh(region.id), PAUSE_MS));
}

async function refresh(id) {
  const source = document.getElementById(id)?.dataset.src;
  if (!source) return;
  const reply = await get(source);
  const region = document.getElementById(id); // it may have been replaced in the meantime
  const fresh = reply.part?.firstElementChild;
  if (!reply.ok || !region || !fresh) return;
  const before = residents(region);
  morph(region, fresh);
  tellOfNewcomers(region, before);
}

/** Who is in a region that tells of newcomers (windows of the street, people at the door), and how they look. */
function residents(region) {
  const looks = (element) => element.querySelector("bdi")?.textContent + " " + element.querySelector("img")?.getAttribute("src");
  return new Map([...region.querySelectorAll("li[id^='window-'], .ask")].map((element) => [element.id, looks(element)]));
}

function tellOfNewcomers(region, before) {
  for (const [id, looks] of residents(region)) {
    const element = document.getElementById(id);
    if (before.has(id)) {
      // Another name or face: their posts show it too.
      if (region.id === "street" && before.get(id) !== looks) dispatchEvent(new Event("kith:looks"));
    } else if (element.matches(".ask")) {
      announce(element.querySelector(".ask-title").textContent);
    } else if (region.id === "street" && element.querySelector(".window.lit bdi")) {
      mention(element.querySelector("bdi").textContent + " lives next door now");
    }
  }
}
