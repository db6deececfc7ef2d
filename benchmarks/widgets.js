// What benchmarks/widgets.py measures inside the page, with the page's own clock. Each function takes the
// explorer's root element and returns plain numbers.

window.measure = {
  // Milliseconds from a slider's event to the new picture: the image in place, or the canvas drawn.
  async slider(root, rounds) {
    const [input, most, event] = control(root);
    const now = () => (event === "input" ? Number(input.value) : input.selectedIndex);
    const times = [];
    for (let n = 0; n < rounds; n += 1) {
      // Back and forth through the middle of the range, never twice the same value in a row.
      const share = 0.25 + 0.5 * Math.abs(((n % 20) / 10) - 1);
      let next = Math.round(share * most);
      if (next === now()) next = next < most ? next + 1 : next - 1;
      if (event === "input") input.value = next;
      else input.selectedIndex = next;
      const shown = nextPicture(root);
      const began = performance.now();
      input.dispatchEvent(new Event(event, { bubbles: true }));
      const time = await Promise.race([shown, unchanged(root)]);
      if (time) times.push(time - began);
      await quiet(root);
    }
    const menu = root.querySelector(".tbh-controls select");
    if (times.length < rounds / 3 && menu && event === "input") {
      root.dataset.menu = "yes"; // most of the slider's range is the same picture
      return window.measure.slider(root, rounds);
    }
    if (times.length < rounds / 3) throw new Error(`only ${times.length} of ${rounds} moves gave a new picture`);
    return times;
  },

  // Drag a slider for so many seconds, an event each screen refresh; count the refreshes that showed no picture.
  async flicker(root, seconds) {
    const [input, most, event] = control(root);
    const end = performance.now() + seconds * 1000;
    const seen = { frames: 0, empty: 0, pictures: 0 };
    const stop = countPictures(root, () => { seen.pictures += 1; });
    for (let n = 0; performance.now() < end; n += 1) {
      const place = Math.round(most * (0.5 + 0.4 * Math.sin(n / 15)));
      if (event === "input") input.value = place;
      else input.selectedIndex = place;
      input.dispatchEvent(new Event(event, { bubbles: true }));
      await new Promise(requestAnimationFrame);
      seen.frames += 1;
      if (!hasPicture(root)) seen.empty += 1;
    }
    stop();
    await quiet(root);
    return seen;
  },

  // Let it train for so many seconds, or until it is done: frames drawn and updates made. The count of
  // updates is shown a few times a second, so the time is taken from one change of it to another.
  async live(root, seconds) {
    const label = [...root.querySelectorAll(".tbh-buttons span")].find((each) => / a second/.test(each.textContent))
      || root.querySelector(".tbh-buttons .tbh-busy");
    const told = () => Number(/^[\d,]+/.exec(label.textContent)[0].replaceAll(",", ""));
    const seen = [];
    const look = () => {
      const now = { steps: told(), time: performance.now() };
      if (!seen.length || now.steps > seen.at(-1).steps) seen.push(now);
    };
    const observer = new MutationObserver(look);
    observer.observe(label, { childList: true, characterData: true, subtree: true });
    let frames = 0;
    const stop = countPictures(root, () => { frames += 1; });
    const asked = performance.now();
    while (performance.now() - asked < 3000 && !button(root, "Pause")) await new Promise(requestAnimationFrame);
    const began = performance.now();
    while (performance.now() - began < seconds * 1000 && button(root, "Pause")) await new Promise(requestAnimationFrame);
    const spent = (performance.now() - began) / 1000;
    stop();
    observer.disconnect();
    const [first, last] = [seen[0], seen.at(-1)];
    if (seen.length < 2) throw new Error("it was done before it could be watched");
    return { frames: frames / spent * (last.time - first.time) / 1000, updates: last.steps - first.steps, seconds: (last.time - first.time) / 1000 };
  },

  // Milliseconds from a click on Pause until the button says Play; 0 where it is done by itself.
  async pause(root) {
    const pause = button(root, "Pause");
    if (!pause) return 0;
    const began = performance.now();
    pause.click();
    while (pause.textContent !== "Play") await new Promise((done) => { setTimeout(done, 2); });
    return performance.now() - began;
  },
};

const button = (root, text) => [...root.querySelectorAll("button")].find((each) => each.textContent === text);

// What is moved: the first slider, or where there is none the first menu; how far it goes; what it fires.
const control = (root) => {
  const slider = root.querySelector("input[type=range]");
  if (slider && !root.dataset.menu) return [slider, Number(slider.max), "input"];
  const menu = root.querySelector(".tbh-controls select");
  return [menu, menu.options.length - 1, "change"];
};

function hasPicture(root) {
  const image = root.querySelector("img.tbh-picture");
  if (image) return image.complete && image.naturalWidth > 0 && image.clientHeight > 50;
  const canvas = root.querySelector("canvas");
  const pen = canvas.getContext("2d");
  return canvas.clientHeight > 50 && pen.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] > 0;
}

// Calls act(time) whenever a new picture stands on the page, until the function returned is called.
function countPictures(root, act) {
  const image = root.querySelector("img.tbh-picture");
  if (image) { // each picture is an element of its own, put in place once it is decoded
    const observer = new MutationObserver(() => act(performance.now()));
    observer.observe(image.parentNode, { childList: true });
    return () => observer.disconnect();
  }
  // A canvas tells nobody that it was drawn on; its ground is filled once a drawing.
  const pen = root.querySelector("canvas").getContext("2d");
  const fill = pen.fillRect;
  let due = false;
  pen.fillRect = function fillRect(...where) {
    if (!due) {
      due = true;
      queueMicrotask(() => { due = false; act(performance.now()); });
    }
    return fill.apply(this, where);
  };
  return () => { delete pen.fillRect; };
}

const nextPicture = (root) => new Promise((done) => {
  const stop = countPictures(root, (time) => { stop(); done(time); });
});

// Nothing, once a move is answered and yet no picture has come: it changed nothing that is to be seen.
const unchanged = async (root) => {
  for (let n = 0; n < 8; n += 1) await quiet(root);
  return 0;
};

// All moves answered, and a breath.
async function quiet(root) {
  do await new Promise((done) => { setTimeout(done, 60); }); while (root.querySelector("[aria-busy=true]"));
}
