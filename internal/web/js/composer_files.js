// Files in the composer: each goes up by itself as soon as it is chosen, with its progress, and can be stopped.
import { trouble, wordsOf } from "./net.js";
import { parse } from "./trusted.js";

const MAX_BYTES = 4 * 1024 ** 3; // as the server has it (social.MaxFile)

/**
 * Sends a file to the draft.
 * @param {File} file
 * @param {Element} list where its line stands
 * @param {(line: Element|null) => void} done is told when it is there, or not
 */
export function sendFile(file, list, done) {
  const line = document.createElement("li");
  line.className = "draft-file";
  line.setAttribute("data-sending", "");
  const words = document.createElement("span");
  words.className = "file-line-words";
  const name = document.createElement("bdi");
  name.className = "file-line-name";
  name.textContent = file.name;
  const state = document.createElement("span");
  state.className = "soft";
  state.textContent = "On its way into the draft";
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "button quiet small";
  stop.textContent = "Take it out";
  words.append(name, state, bar);
  line.append(words, stop);
  list.append(line);

  const request = new XMLHttpRequest();
  const fail = (reason) => {
    line.removeAttribute("data-sending");
    line.classList.add("draft-failed");
    bar.remove();
    state.textContent = reason;
    state.className = "draft-state";
    state.setAttribute("role", "alert");
    done(null);
  };
  stop.addEventListener("click", () => {
    request.abort();
    const waiting = line.hasAttribute("data-sending");
    line.remove();
    if (waiting) done(null);
  });
  if (file.size > MAX_BYTES) return fail("This file is larger than 4 GB, which is more than kith sends.");
  if (!file.size) return fail("There is nothing in this file.");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = (loaded / total) * 100;
    state.textContent = loaded === total ? "Nearly there" : Math.floor(bar.value) + " %";
  });
  request.addEventListener("error", () => fail(wordsOf(trouble("", "It did not get through. Take it out and add it again; your text is safe."))));
  request.addEventListener("load", () => {
    const part = request.getResponseHeader("Content-Type")?.startsWith("text/html") ? parse(request.responseText) : null;
    if (request.status !== 201) return fail(wordsOf(part) || "That did not work.");
    const ready = part.querySelector("[data-draft-file]");
    line.replaceWith(ready);
    done(ready);
  });
  request.open("POST", "/draft/files?name=" + encodeURIComponent(file.name));
  request.setRequestHeader("Kith-Part", "1");
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.send(file);
}
