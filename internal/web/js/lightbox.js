// Photos over everything else, turned by arrows, keys or a finger. Escape or a click beside the photo closes it.

const SWIPE_PX = 50;

let box = null; // the dialog and its parts, built when first needed
let photos = [];
let at = 0;

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

function button(name, words, action, className = "") {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "icon-button " + className;
  element.setAttribute("aria-label", words);
  element.title = words;
  element.append(icon(name));
  element.addEventListener("click", action);
  return element;
}

function part(tag, className, ...inside) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...inside);
  return element;
}

function build() {
  const place = part("span", "lightbox-place");
  const image = part("img", "lightbox-photo");
  const words = part("p", "lightbox-words");
  words.setAttribute("aria-live", "polite");
  const back = button("left", "The photo before", () => turn(-1), "lightbox-turn lightbox-turn-back");
  const on = button("right", "The next photo", () => turn(1), "lightbox-turn lightbox-turn-on");
  const of = part("a", "lightbox-of", "Open the post");
  const close = button("close", "Close", () => dialog.close());
  const stage = part("div", "lightbox-stage", back, image, on);
  const dialog = part("dialog", "lightbox", part("div", "lightbox-bar", place, of, close), stage, words);
  dialog.setAttribute("aria-label", "Photos");
  dialog.tabIndex = -1;
  stage.addEventListener("click", (event) => beside(image, event) && dialog.close());
  document.addEventListener("keydown", (event) => dialog.open && keys(event));
  dialog.addEventListener("close", () => {
    image.removeAttribute("src");
    photos[at]?.focus();
  });
  let from = 0;
  stage.addEventListener("touchstart", (event) => (from = event.touches[0].clientX), { passive: true });
  stage.addEventListener("touchend", (event) => {
    const by = event.changedTouches[0].clientX - from;
    if (Math.abs(by) > SWIPE_PX) turn(by < 0 ? 1 : -1);
  });
  document.body.append(dialog);
  return { dialog, place, of, image, words, back, on };
}

/** Whether a click went beside the photo, which is drawn as large as fits into its box. */
function beside(image, event) {
  if (event.target.closest("button")) return false;
  const box = image.getBoundingClientRect();
  const scale = Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight);
  return (
    Math.abs(event.clientX - box.left - box.width / 2) > (image.naturalWidth * scale) / 2 ||
    Math.abs(event.clientY - box.top - box.height / 2) > (image.naturalHeight * scale) / 2
  );
}

function keys(event) {
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: photos.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  show(to);
}

const turn = (by) => show(at + by);

function show(index) {
  if (index < 0 || index >= photos.length) return;
  at = index;
  const { screen, thumb, alt, here, of: post } = photos[at].dataset;
  const { place, of, image, words, back, on } = box;
  place.textContent = photos.length > 1 ? at + 1 + " of " + photos.length : "";
  of.hidden = !post;
  of.href = post ?? "";
  image.width = photos[at].dataset.width;
  image.height = photos[at].dataset.height;
  image.alt = alt || "Not described";
  image.src = thumb; // there at once, while the large one is being read
  words.textContent = alt;
  const large = new Image();
  large.onload = () => photos[index] === photos[at] && image.src.endsWith(thumb) && (image.src = screen);
  large.onerror = () => index === at && (words.textContent = [alt, "The full size is on its way. It comes when a home that has it is on."].filter(Boolean).join(" · "));
  large.src = screen;
  image.dataset.here = here === undefined ? "no" : "yes";
  back.disabled = at === 0;
  on.disabled = at === photos.length - 1;
}

export function startLightbox() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-gallery] a[data-photo]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    box ??= build();
    photos = [...link.closest("[data-gallery]").querySelectorAll("a[data-photo]")];
    box.dialog.showModal();
    show(photos.indexOf(link));
    // Not on a button: the Enter that opened the lightbox would press it as well.
    box.dialog.focus();
  });
}
