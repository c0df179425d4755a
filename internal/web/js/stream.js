// One stream of changes per browser, however many tabs are open: browsers allow only six connections to a host. The tab
// that holds a lock reads the stream and tells the others. Every tab remembers its mark (hub.go) and asks for what it
// missed whenever it may have missed something.
import { bar, unbar } from "./say.js";

const NAME = "kith-stream";
const AWAY_MS = 4000; // a restart of kith goes unmentioned if it is quicker than this
const POLL_MS = 10_000; // how often to ask where no stream is to be had
const RETRY_MS = 60_000; // how often to try to get one all the same

let mark = document.querySelector("[data-mark]")?.dataset.mark ?? "";
let channel = null;
let source = null;
let release = null; // gives the lock back
let poll = 0;
let retry = 0;
let awayTimer = 0;
let asking = null; // the request for what was missed that is under way
let again = false;
let onChange = () => {};
let onLost = () => {};

const numberOf = (m) => Number(m.slice(m.lastIndexOf("-") + 1));
const runOf = (m) => m.slice(0, m.lastIndexOf("-"));

/**
 * Calls back for each change of the home, in order, and when so much was missed that everything must be looked at again.
 * @param {(change: {kind: string, id?: string, post?: string}) => void} change
 * @param {() => void} lost
 */
export function follow(change, lost) {
  if (!mark) return;
  onChange = change;
  onLost = lost;
  start();
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && start(true));
  document.addEventListener("visibilitychange", () => document.hidden || catchUp());
}

/** @param {boolean} kept the browser had put the page away and shows it again, perhaps to somebody else */
function start(kept = false) {
  stop();
  if (globalThis.BroadcastChannel && navigator.locks) {
    channel = new BroadcastChannel(NAME);
    channel.onmessage = ({ data }) => hear(data);
    const giveUp = new AbortController();
    release = () => giveUp.abort();
    navigator.locks
      .request(NAME, { signal: giveUp.signal }, () => new Promise((done) => {
        release = done;
        listen();
      }))
      .catch((error) => {
        if (error.name !== "AbortError") listen(); // locks don't work here: a stream of our own
      });
  } else {
    listen();
  }
  catchUp(kept);
}

function stop() {
  release?.();
  source?.close();
  channel?.close();
  clearTimeout(awayTimer);
  quiet();
  release = source = channel = null;
}

/** Stops asking now and then. */
function quiet() {
  clearInterval(poll);
  clearTimeout(retry);
}

/** Opens the stream, as the tab that reads it for all. */
function listen() {
  source?.close();
  source = new EventSource("/events?after=" + encodeURIComponent(mark));
  const hello = () => {
    quiet();
    tell({ kind: "hello" });
  };
  source.addEventListener("hello", hello);
  source.addEventListener("lost", hello);
  source.onmessage = (event) => tell({ kind: "change", mark: event.lastEventId, change: JSON.parse(event.data) });
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) {
      // Refused, not broken off: there are too many streams, or we are signed out. Ask now and then instead.
      quiet();
      poll = setInterval(() => catchUp(), POLL_MS);
      retry = setTimeout(listen, RETRY_MS);
      catchUp();
    } else {
      tell({ kind: "away" });
    }
  };
}

/** Tells all tabs, this one included. */
function tell(message) {
  channel?.postMessage(message);
  hear(message);
}

function hear(message) {
  if (message.kind === "away") {
    awayTimer ||= setTimeout(() => bar("kith is not running right now. This page comes back by itself when it does."), AWAY_MS);
    return;
  }
  clearTimeout(awayTimer);
  if (awayTimer) unbar();
  awayTimer = 0;
  if (message.kind === "hello") {
    catchUp();
  } else if (runOf(message.mark) === runOf(mark) && numberOf(message.mark) === numberOf(mark) + 1 && !asking) {
    mark = message.mark;
    onChange(message.change);
  } else if (runOf(message.mark) !== runOf(mark) || numberOf(message.mark) > numberOf(mark)) {
    catchUp();
  }
}

/** Asks for what this tab missed. */
async function catchUp(kept = false) {
  if (asking) {
    again = true;
    return;
  }
  asking = fetch("/changes?after=" + encodeURIComponent(mark)).then(
    (response) => (response.status === 401 ? { signedOut: true } : response.ok ? response.json() : null),
    () => null,
  );
  const answer = await asking;
  asking = null;
  if (answer?.signedOut) {
    stop();
    if (kept) return location.reload();
    bar("This browser is signed out.", { href: "/", words: "Sign in" });
    return;
  }
  if (answer) {
    mark = answer.mark;
    if (answer.complete) answer.changes.forEach(onChange);
    else onLost();
  }
  if (again) {
    again = false;
    catchUp();
  }
}
