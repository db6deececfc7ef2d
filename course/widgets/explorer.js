// An explorer whose picture Python draws, as a PNG file at every change.

function drawPicture({ model, queue }) {
  const image = make("img", { class: "tbh-picture", alt: "" });

  async function showPicture() {
    const bytes = model.get("picture");
    if (!bytes || !bytes.byteLength) return;
    const url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    const next = new Image();
    next.src = url;
    // Decoded first and then swapped, so that no frame is without a picture.
    try { await next.decode(); } catch { URL.revokeObjectURL(url); return; }
    if (model.get("picture") !== bytes) { URL.revokeObjectURL(url); return; }
    const old = image.src;
    image.src = url;
    if (old) URL.revokeObjectURL(old);
  }

  function showSize() {
    image.width = model.get("width");
    image.height = model.get("height");
  }

  // Python draws light and coarse until it is told of a dark or dense screen.
  let first = true;
  function follow(theme) {
    const scale = window.devicePixelRatio || 1;
    if (!first || theme === "dark" || scale > 1) queue({ kind: "look", theme, scale });
    first = false;
  }

  const shows = {
    picture: showPicture, alt: () => { image.alt = model.get("alt"); }, width: showSize, height: showSize,
  };
  return { node: image, shows, follow, end: () => { if (image.src) URL.revokeObjectURL(image.src); } };
}

export default { render: (place) => drawFront(place, drawPicture) };
