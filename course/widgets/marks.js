// How each mark of a scene is drawn on a canvas. `at` turns a panel's coordinates into the scene's pixels.

function drawPanel(pen, panel, colours, look) {
  const at = placer(panel);
  const [left, top, width, height] = panel.inner;
  if (panel.axes) drawAxes(pen, panel, at, colours);
  pen.save();
  if (panel.axes) {
    pen.beginPath();
    pen.rect(left - 1, top - 1, width + 2, height + 2);
    pen.clip();
  }
  const drawMark = (where, mark) => DRAW[mark.kind]?.(where, mark, at, colours);
  let next = 0;
  for (const [from, to] of panel.still || []) {
    panel.marks.slice(next, from).forEach((mark) => drawMark(pen, mark));
    copySheet(pen, panel, panel.marks.slice(from, to), drawMark, look);
    next = to;
  }
  panel.marks.slice(next).forEach((mark) => drawMark(pen, mark));
  pen.restore();
  drawLegend(pen, panel, colours);
}

// From where to where each run of at least two marks goes of which `holds` is true.
function runsOf(marks, holds) {
  const runs = [];
  for (let from = 0; from < marks.length; from += 1) {
    let to = from;
    while (to < marks.length && holds(marks[to])) to += 1;
    if (to - from > 1) runs.push([from, to]);
    from = to;
  }
  return runs;
}

// While training goes on, hundreds of marks stay as they are: they are drawn once, on a sheet of their own,
// and copied from there at every frame.
const sheets = new WeakMap(); // by a run's first mark
function copySheet(pen, panel, marks, drawMark, look) {
  const { axes, inner: [left, top, width, height] } = panel;
  const seen = JSON.stringify([look, axesOf(panel)]);
  const matrix = pen.getTransform();
  const room = axes ? 2 : 24; // what is not cut off at axes may stand out a little
  const [x, y] = [Math.max(Math.floor((left - room) * matrix.a), 0), Math.max(Math.floor((top - room) * matrix.d), 0)];
  let kept = sheets.get(marks[0]);
  const same = kept?.seen === seen && kept.marks.length === marks.length && marks.every((mark, n) => mark === kept.marks[n]);
  if (!same) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.min(Math.ceil((left + width + room) * matrix.a), pen.canvas.width) - x;
    canvas.height = Math.min(Math.ceil((top + height + room) * matrix.d), pen.canvas.height) - y;
    const own = canvas.getContext("2d");
    own.setTransform(matrix.a, 0, 0, matrix.d, -x, -y);
    own.least = pen.least;
    marks.forEach((mark) => drawMark(own, mark));
    kept = { canvas, seen, marks };
    sheets.set(marks[0], kept);
  }
  pen.save();
  pen.resetTransform();
  pen.drawImage(kept.canvas, x, y);
  pen.restore();
}

// What of a panel decides where its coordinates stand.
const axesOf = ({ inner, x, y, xLog, yLog }) => [inner, x, y, xLog, yLog];

function placer({ inner: [left, top, width, height], x, y, xLog, yLog }) {
  const along = (range, log) => {
    const [low, high] = log ? range.map(Math.log) : range;
    return {
      to: (value) => ((log ? Math.log(value) : value) - low) / (high - low),
      from: (part) => (log ? Math.exp(low + part * (high - low)) : low + part * (high - low)),
    };
  };
  const [across, up] = [along(x, xLog), along(y, yLog)];
  return {
    x: (value) => left + width * across.to(value),
    y: (value) => top + height * (1 - up.to(value)),
    value: (px, py) => [across.from((px - left) / width), up.from(1 - (py - top) / height)],
  };
}

// A page that is narrow shrinks the scene; letters stay readable.
const letters = (pen, size, bold) => {
  pen.font = `${bold ? "600 " : ""}${Math.max(size, pen.least || 0)}px system-ui, sans-serif`;
};

function drawAxes(pen, panel, at, colours) {
  const [left, top, width, height] = panel.inner;
  pen.save();
  pen.lineWidth = 1;
  letters(pen, 12);
  pen.textBaseline = "middle";
  for (const [value, text] of panel.xticks) {
    const x = at.x(value);
    if (panel.grid) stroke(pen, colours.grid, [[x, top], [x, top + height]]);
    stroke(pen, colours.ink, [[x, top + height], [x, top + height + 4]]);
    pen.fillStyle = colours.ink;
    pen.textAlign = "center";
    pen.fillText(text, x, top + height + 13);
  }
  for (const [value, text] of panel.yticks) {
    const y = at.y(value);
    if (panel.grid) stroke(pen, colours.grid, [[left, y], [left + width, y]]);
    stroke(pen, colours.ink, [[left - 4, y], [left, y]]);
    pen.fillStyle = colours.ink;
    pen.textAlign = "right";
    pen.fillText(text, left - 7, y);
  }
  stroke(pen, colours.ink, [[left, top], [left, top + height], [left + width, top + height]]);
  pen.textAlign = "center";
  pen.fillText(panel.xlabel, left + width / 2, top + height + 34);
  pen.translate(left - 46, top + height / 2);
  pen.rotate(-Math.PI / 2);
  pen.fillText(panel.ylabel, 0, 0);
  pen.restore();
}

function drawTitle(pen, panel, colours) {
  const [left, top, width] = panel.inner;
  letters(pen, 13, true);
  pen.fillStyle = colours.ink;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(panel.title, left + width / 2, top - 14);
}

function drawLegend(pen, panel, colours) {
  if (panel.title) drawTitle(pen, panel, colours);
  const named = panel.marks.filter((mark) => mark.label && (mark.kind === "Line" || mark.kind === "Points"));
  if (!named.length) return;
  const [left, top, width] = panel.inner;
  letters(pen, 12);
  const wide = Math.max(...named.map((mark) => pen.measureText(mark.label).width)) + 42;
  const [x, high] = [left + width - wide - 4, 16];
  pen.save();
  pen.globalAlpha = 0.85;
  pen.fillStyle = colours.ground;
  pen.fillRect(x, top + 2, wide, named.length * high + 6);
  pen.restore();
  named.forEach((mark, n) => {
    const y = top + 13 + n * high;
    if (mark.kind === "Line") {
      pen.setLineDash(mark.dash);
      pen.lineWidth = mark.width;
      stroke(pen, colours[mark.color], [[x + 4, y], [x + 28, y]]);
      pen.setLineDash([]);
    } else drawMarker(pen, mark, x + 16, y, colours);
    pen.fillStyle = colours.ink;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(mark.label, x + 34, y);
  });
}

function stroke(pen, colour, points) {
  pen.strokeStyle = colour;
  pen.beginPath();
  points.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

// The outline of a mark's points in pixels; where a point is not a number the line is broken.
function trace(pen, { points: [start, count], numbers }, at) {
  const values = new Float32Array(numbers, start, 2 * count);
  pen.beginPath();
  let down = false;
  for (let n = 0; n < 2 * count; n += 2) {
    const [x, y] = [at.x(values[n]), at.y(values[n + 1])];
    const fits = Number.isFinite(x) && Number.isFinite(y);
    if (fits && down) pen.lineTo(x, y);
    else if (fits) pen.moveTo(x, y);
    down = fits;
  }
  return values;
}

const SHAPES = {
  s: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  D: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  "^": [[0, -1.2], [1.2, 1], [-1.2, 1]],
  v: [[0, 1.2], [1.2, -1], [-1.2, -1]],
  P: [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2],
    [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  "*": [...Array(10).keys()].map((n) => {
    const [far, turn] = [n % 2 ? 0.6 : 1.5, (n * Math.PI) / 5 - Math.PI / 2];
    return [far * Math.cos(turn), far * Math.sin(turn)];
  }),
};
SHAPES.X = SHAPES.P.map(([x, y]) => [(x - y) * 0.7071, (x + y) * 0.7071]);

function drawMarker(pen, mark, x, y, colours) {
  const half = mark.size / 2;
  pen.beginPath();
  if (SHAPES[mark.marker]) {
    SHAPES[mark.marker].forEach(([a, b]) => pen.lineTo(x + a * half, y + b * half));
    pen.closePath();
  } else pen.arc(x, y, half, 0, 2 * Math.PI);
  pen.lineWidth = mark.hollow ? 1.8 : 0.8;
  pen.strokeStyle = mark.hollow ? colours[mark.color] : colours.ground;
  pen.fillStyle = colours[mark.color];
  if (!mark.hollow) pen.fill();
  pen.stroke();
}

const ramps = new Map(); // the 256 colours of each ramp
function shades(stops) {
  const key = stops.join();
  if (!ramps.has(key)) {
    const parts = stops.map((text) => [1, 3, 5].map((n) => parseInt(text.slice(n, n + 2), 16)));
    const table = new Uint32Array(256);
    for (let n = 0; n < 256; n += 1) {
      const place = (n / 255) * (stops.length - 1);
      const low = Math.min(Math.floor(place), stops.length - 2);
      const [r, g, b] = [0, 1, 2].map((c) => Math.round(
        parts[low][c] + (place - low) * (parts[low + 1][c] - parts[low][c])));
      table[n] = (255 << 24) | (b << 16) | (g << 8) | r; // little-endian, as every browser's machine is
    }
    ramps.set(key, table);
  }
  return ramps.get(key);
}

const sheet = document.createElement("canvas");
const DRAW = {
  Line(pen, mark, at, colours) {
    pen.save();
    pen.globalAlpha = mark.opacity;
    pen.lineWidth = mark.width;
    pen.lineJoin = "round";
    pen.strokeStyle = colours[mark.color];
    pen.setLineDash(mark.dash);
    const values = trace(pen, mark, at);
    pen.stroke();
    const count = mark.points[1];
    if (mark.arrow && count > 1) {
      const [ax, ay, bx, by] = values.slice(2 * count - 4);
      const [x, y] = [at.x(bx), at.y(by)];
      const turn = Math.atan2(y - at.y(ay), x - at.x(ax));
      pen.beginPath();
      for (const [far, side] of [[0, 0], [9, 0.42], [9, -0.42]]) {
        pen.lineTo(x - far * Math.cos(turn + side), y - far * Math.sin(turn + side));
      }
      pen.fillStyle = colours[mark.color];
      pen.fill();
    }
    pen.restore();
  },
  Points(pen, mark, at, colours) {
    const [start, count] = mark.points;
    const values = new Float32Array(mark.numbers, start, 2 * count);
    pen.save();
    pen.globalAlpha = mark.opacity;
    for (let n = 0; n < 2 * count; n += 2) {
      drawMarker(pen, mark, at.x(values[n]), at.y(values[n + 1]), colours);
    }
    pen.restore();
  },
  Area(pen, mark, at, colours) {
    trace(pen, mark, at);
    pen.closePath();
    pen.save();
    pen.globalAlpha = mark.opacity;
    pen.fillStyle = colours[mark.color];
    pen.fill();
    pen.restore();
    if (!mark.edge) return;
    pen.lineWidth = 1;
    pen.strokeStyle = colours[mark.edge];
    pen.stroke();
  },
  HeatMap(pen, mark, at, colours) {
    const [start, rows, columns, channels] = mark.values;
    if (!rows || !columns) return;
    const [x0, x1, y0, y1] = mark.extent;
    const [left, right, first, last] = [at.x(x0), at.x(x1), at.y(y0), at.y(y1)];
    const pixels = new ImageData(columns, rows);
    if (channels) pixels.data.set(new Uint8Array(mark.numbers, start, 4 * rows * columns));
    else {
      const table = shades(colours.ramps[mark.ramp]);
      const [given, out] = [new Uint8Array(mark.numbers, start, rows * columns), new Uint32Array(pixels.data.buffer)];
      for (let n = 0; n < given.length; n += 1) out[n] = table[given[n]];
    }
    if (sheet.width !== columns || sheet.height !== rows) Object.assign(sheet, { width: columns, height: rows });
    sheet.getContext("2d").putImageData(pixels, 0, 0);
    pen.save();
    pen.globalAlpha = mark.opacity;
    pen.imageSmoothingEnabled = mark.smooth;
    pen.translate(left, first); // row 0 lies at y0, which is the lower edge of most panels
    pen.scale((right - left) / columns, (last - first) / rows);
    pen.drawImage(sheet, 0, 0);
    pen.restore();
  },
  Text(pen, mark, at, colours) {
    letters(pen, mark.size, mark.bold);
    pen.fillStyle = colours[mark.color];
    pen.textAlign = mark.align;
    pen.textBaseline = "middle";
    pen.fillText(mark.text, at.x(mark.x), at.y(mark.y));
  },
  Spot(pen, mark, at, colours) {
    if (!mark.pressed) return;
    const [x, y, right, low] = [at.x(mark.x), at.y(mark.y), at.x(mark.x + mark.width), at.y(mark.y + mark.height)];
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 2;
    pen.strokeRect(x, y, right - x, low - y);
  },
};
