// Small helps around fields: copying, choosing a picture, printing, and the two secrets that come behind the # of an address.

function copying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    let done = true;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      done = document.execCommand("copy");
    }
    const words = button.parentElement.querySelector("[data-copied]");
    words.textContent = done ? "Copied. Paste it wherever you write to them." : "Press Ctrl+C to copy it.";
  });
  document.addEventListener("focusin", (event) => event.target.matches("[data-select]") && event.target.select());
}

/** Shows a chosen face in its window, and the name of a chosen picture. */
function choosing() {
  document.addEventListener("change", (event) => {
    const portrait = event.target.closest("[data-portrait]");
    const file = event.target.files?.[0];
    if (!portrait || !file) return;
    const face = document.createElement("img");
    face.alt = "";
    const url = URL.createObjectURL(file);
    face.addEventListener("load", () => URL.revokeObjectURL(url));
    face.addEventListener("error", () => URL.revokeObjectURL(url));
    face.src = url;
    portrait.querySelector(".face").replaceChildren(face);
    const name = portrait.querySelector("[data-portrait-name]");
    name.hidden = false;
    name.textContent = file.name;
    const remove = portrait.querySelector("[name=remove-picture]");
    if (remove) remove.checked = false;
  });
}

/** The picture of a QR code may be chosen, dropped or pasted. */
function dropping() {
  const form = document.querySelector("[data-join]");
  if (!form) return;
  const area = form.querySelector("[data-drop]");
  const field = form.elements.picture;
  const name = form.querySelector("[data-drop-name]");
  const take = (files) => {
    if (!files.length) return;
    field.files = files;
    name.textContent = files[0].name;
  };
  field.addEventListener("change", () => take(field.files));
  for (const kind of ["dragover", "drop"]) {
    addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      area.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files);
    });
  }
  addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  fromLink(form.elements.code);
  addEventListener("hashchange", () => fromLink(form.elements.code));
}

/** The link of an invite: /join#CODE. It fills the field; looking at it takes a click. */
function fromLink(field) {
  const code = secret();
  if (code) field.value = code;
}

/** What stands behind the # of the address, which is then taken out of it. */
function secret() {
  const text = location.hash.slice(1);
  if (!text) return "";
  history.replaceState(null, "", location.pathname);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Signing in by a one-time token, which stands behind the # so that it is in no log: /signin#TOKEN. */
function signingIn() {
  const next = document.querySelector("[data-next]");
  if (next) next.action += location.hash; // where a signed-out link led: what is behind the # goes along
  const form = document.querySelector("[data-token]");
  if (!form) return;
  const enter = () => {
    const token = secret() || form.elements.token.value;
    if (!token) return;
    form.elements.token.value = token;
    form.requestSubmit();
  };
  enter();
  addEventListener("hashchange", enter);
}

export function startFields() {
  copying();
  choosing();
  dropping();
  signingIn();
  document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());
  // What was just done is said once: reloading the page does not say it again.
  const address = new URL(location.href);
  if (address.searchParams.has("said")) {
    address.searchParams.delete("said");
    history.replaceState(history.state, "", address);
  }
}
