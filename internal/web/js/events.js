// Events: the browser's own time zone in the form, and reminders, also by the browser if it may.
import { refreshRegion } from "./live.js";

const LOOK_MS = 60_000; // how often it is looked whether a reminder has come due

const told = new Set(); // events of which the browser has reminded on this page

/** Puts the zone of this browser into the form of a new event, unless something was typed. */
function fillZone() {
  const field = document.querySelector("[data-zone]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && zone && field.value === field.defaultValue) field.value = zone;
}

/** Tells by the browser of what the page reminds of, once for each event. */
function tell() {
  if (globalThis.Notification?.permission !== "granted") return;
  for (const line of document.querySelectorAll("[data-remind]")) {
    if (told.has(line.dataset.remind)) continue;
    told.add(line.dataset.remind);
    const note = new Notification(line.textContent, { body: line.nextElementSibling?.textContent ?? "", tag: "kith-" + line.dataset.remind });
    note.onclick = () => {
      focus();
      location.assign(line.querySelector("a").href);
    };
  }
}

export function startEvents() {
  fillZone();
  const region = document.querySelector("[data-reminders]");
  if (region) {
    new MutationObserver(tell).observe(region, { childList: true, subtree: true });
    setInterval(() => document.hidden && globalThis.Notification?.permission !== "granted" ? undefined : refreshRegion(region.id), LOOK_MS);
    tell();
  }
  const offer = document.querySelector("[data-notify]");
  if (offer && globalThis.Notification?.permission === "default") {
    offer.hidden = false;
    offer.querySelector("[data-notify-ask]").addEventListener("click", async () => {
      await Notification.requestPermission();
      offer.hidden = Notification.permission !== "default";
      tell();
    });
  }
}
