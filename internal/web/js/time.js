// Keeps the times on the page true while it is open. The words are those of words.go; a test compares the two.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

const count = (n, one, many) => (n === 1 ? "1 " + one : n + " " + many);
const two = (n) => String(n).padStart(2, "0");
const midnight = (t) => Date.UTC(t.getFullYear(), t.getMonth(), t.getDate());

/**
 * Says when something was, as people say it.
 * @param {Date} t
 * @param {Date} now
 */
export function ago(t, now) {
  const passed = now - t;
  const days = Math.round((midnight(now) - midnight(t)) / (24 * HOUR));
  const clock = two(t.getHours()) + ":" + two(t.getMinutes());
  const date = t.getDate() + " " + MONTHS[t.getMonth()];
  if (passed < MINUTE) return "just now";
  if (passed < HOUR) return count(Math.floor(passed / MINUTE), "minute", "minutes") + " ago";
  if (days === 0 || passed < 6 * HOUR) return count(Math.floor(passed / HOUR), "hour", "hours") + " ago";
  if (days === 1) return "yesterday, " + clock;
  if (days < 7) return DAYS[t.getDay()] + ", " + clock;
  return t.getFullYear() === now.getFullYear() ? date : date + " " + t.getFullYear();
}

function tick() {
  const now = new Date();
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const words = ago(new Date(element.dateTime), now);
    if (element.textContent !== words) element.textContent = words;
  }
}

export function startTimes() {
  setInterval(tick, 20_000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
