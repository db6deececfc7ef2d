// An explorer whose picture Python draws, as a PNG file at every change.

function drawPicture({ model, queue }) {
  const blank = () => make("img", { class: "tbh-picture", alt: "" });
  let image = blank();
  const holder = make("div", {}, image);

  async function showPicture() {
    const bytes = model.get("picture");
    if (!bytes || !bytes.byteLength) return;
    const url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    const next = blank();
    next.src = url;
    // Decoded first and then put in place, so that no frame is without a picture.
    try { await next.decode(); } catch { URL.revokeObjectURL(url); return; }
    if (model.get("picture") !== bytes) { URL.revokeObjectURL(url); return; }
    const old = image;
    image = next;
    showSize();
    showAlt();
    old.replaceWith(image);
    if (old.src) URL.revokeObjectURL(old.src);
  }

  function showSize() {
    image.width = model.get("width");
    image.height = model.get("height");
  }

  function showAlt() {
    image.alt = model.get("alt");
  }

  // Python draws as the page before this one asked for; it is told where that is not what this page is like.
  let asked = null;
  function follow(theme) {
    const scale = Math.min(Math.max(window.devicePixelRatio || 1, 1), 2);
    const look = asked || model.get("look");
    if (look.theme === theme && look.scale === scale) return;
    asked = { theme, scale };
    queue({ kind: "look", ...asked });
  }

  const shows = { picture: showPicture, alt: showAlt, width: showSize, height: showSize };
  return { node: holder, shows, follow, end: () => { if (image.src) URL.revokeObjectURL(image.src); } };
}

export default { render: (place) => drawFront(place, drawPicture) };
