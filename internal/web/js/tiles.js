// A photo in the composer before the server has it: a preview from the file itself, and words on how it goes.
import { wordsOf } from "./net.js";

function make(tag, className, words = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = words;
  return element;
}

/**
 * @param {File} file
 * @param {() => void} again tries once more
 * @param {() => void} drop takes it out
 */
export function pendingTile(file, again, drop) {
  const tile = make("li", "draft-photo draft-pending");
  const preview = make("img", "draft-thumb tone-none");
  preview.alt = "";
  preview.width = preview.height = 76;
  const url = URL.createObjectURL(file);
  preview.addEventListener("load", () => URL.revokeObjectURL(url));
  preview.addEventListener("error", () => {
    URL.revokeObjectURL(url);
    preview.replaceWith(make("span", "draft-thumb tone-none")); // a kind that this browser can't show; the server may
  });
  preview.src = url;

  const words = make("div", "draft-words");
  const label = make("label", "draft-label", "What is in this photo?");
  const alt = make("input", "field");
  alt.placeholder = "For friends who can’t see it";
  alt.maxLength = 1000;
  alt.autocomplete = "off";
  alt.setAttribute("data-pending-alt", "");
  label.append(alt);
  const state = make("p", "draft-state", "Preparing " + file.name);
  state.setAttribute("role", "status");
  words.append(label, state);

  const buttons = make("div", "draft-buttons");
  const retry = make("button", "button quiet small draft-again", "Try again");
  retry.type = "button";
  retry.addEventListener("click", () => {
    state.textContent = "Preparing " + file.name;
    again();
  });
  const out = make("button", "button quiet small", "Take it out");
  out.type = "button";
  out.addEventListener("click", drop);
  buttons.append(retry, out);

  tile.append(preview, words, buttons);
  return tile;
}

/** Says on the tile why the photo could not be added. */
export function failTile(tile, part) {
  tile.classList.add("draft-failed");
  tile.querySelector(".draft-state").textContent = wordsOf(part) || "That did not work.";
}
