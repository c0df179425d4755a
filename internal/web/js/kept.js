// Comments that are being written, kept in the browser: a reload or a crash loses no word of them, nor whom they answer, nor
// their photos, which are on the server.

const keyOf = (form) => "kith:answer:" + form.id;

/** Puts back what was being written when the page was left. */
export function restoreAnswers() {
  for (const form of document.querySelectorAll("[data-answer]")) {
    const kept = read(form);
    if (!kept || form.elements.text.value) continue;
    form.elements.text.value = kept.text;
    if (kept.answers && !form.elements.answers.value) answering(form, kept.answers, kept.whom);
    const list = form.querySelector("[data-answer-photos]");
    if (list && !list.children.length) list.append(...kept.photos.map(tile));
  }
}

function read(form) {
  const raw = localStorage.getItem(keyOf(form));
  try {
    const { text, answers, whom, photos } = JSON.parse(raw);
    return typeof text === "string" && Array.isArray(photos) ? { text, answers, whom, photos } : null;
  } catch {
    return null;
  }
}

/** Keeps what is in the form of a comment; an empty one is forgotten. */
export function keep(form) {
  const text = form.elements.text.value;
  const answers = form.elements.answers.value;
  const whom = form.querySelector("[data-whom-name]").textContent;
  const photos = [...form.querySelectorAll("[data-held]")].map((item) => ({
    id: item.dataset.held,
    alt: item.querySelector("[name=photo-alt]").value,
    thumb: item.querySelector("img").getAttribute("src"),
  }));
  if (text.trim() || photos.length) localStorage.setItem(keyOf(form), JSON.stringify({ text, answers, whom, photos }));
  else localStorage.removeItem(keyOf(form));
}

/** Says in the form of a comment which other comment it answers; none for "". */
export function answering(form, id, name) {
  form.elements.answers.value = id;
  form.querySelector("[data-whom-name]").textContent = name;
  form.querySelector("[data-answer-whom]").hidden = !id;
}

/** A photo of a comment as the server draws it. */
function tile({ id, alt, thumb }) {
  const item = document.createElement("li");
  item.className = "answer-photo";
  item.dataset.held = id;
  const image = document.createElement("img");
  image.alt = "";
  image.width = image.height = 44;
  if (String(thumb).startsWith("/picture/")) image.src = thumb;
  const name = document.createElement("input");
  name.type = "hidden";
  name.name = "photo-id";
  name.value = id;
  const words = document.createElement("input");
  words.className = "field";
  words.name = "photo-alt";
  words.value = alt;
  words.placeholder = "What is in it?";
  words.setAttribute("aria-label", "What is in this photo? For friends who can’t see it");
  const out = document.createElement("button");
  out.type = "button";
  out.className = "button quiet small";
  out.setAttribute("data-held-out", "");
  out.textContent = "Take it out";
  item.append(image, name, words, out);
  return item;
}
