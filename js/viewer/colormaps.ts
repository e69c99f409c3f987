// Colour maps of the viewer, from the tables that Python reads too.

import tables from "../../cloudscope/widgets/colormap_tables.json";

const RAMPS: Record<string, [number, number, number]> = {
  gray: [255, 255, 255],
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  cyan: [0, 255, 255],
  magenta: [255, 0, 255],
  yellow: [255, 255, 0],
};

export const COLORMAPS = [
  "gray",
  "inverted gray",
  "viridis",
  "magma",
  "inferno",
  "cividis",
  "red",
  "green",
  "blue",
  "cyan",
  "magenta",
  "yellow",
] as const;

/** Colours of channels shown together, in the order channels get them, as in Python. */
export const COLORS = ["green", "magenta", "cyan", "yellow", "red", "blue", "gray"] as const;

const made = new Map<string, Uint8Array>();

/** 256 RGBA colours, from the darkest value to the brightest. */
export function colormap(name: string): Uint8Array {
  let table = made.get(name);
  if (!table) {
    table = build(name);
    made.set(name, table);
  }
  return table;
}

/** The brightest colour of a map from black: one of the names, or `#rrggbb`. */
function rampOf(name: string): [number, number, number] {
  const own = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(name);
  if (own) return own.slice(1).map((part) => parseInt(part, 16)) as [number, number, number];
  return RAMPS[name] ?? RAMPS["gray"]!;
}

/** The brightest colour of a map, as CSS writes it. */
export function brightest(name: string): string {
  const [red, green, blue] = colormap(name).slice(1020);
  return `rgb(${red} ${green} ${blue})`;
}

function build(name: string): Uint8Array {
  const table = new Uint8Array(1024).fill(255);
  const hex = (tables as Record<string, string>)[name];
  const ramp = rampOf(name);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) {
      if (name === "inverted gray") table[i * 4 + c] = 255 - i;
      else if (hex) table[i * 4 + c] = parseInt(hex.slice(i * 6 + c * 2, i * 6 + c * 2 + 2), 16);
      else table[i * 4 + c] = Math.floor((i * ramp[c]!) / 255);
    }
  }
  return table;
}
