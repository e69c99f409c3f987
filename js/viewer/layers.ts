// What is drawn: one channel in a colour map, several added up, or what the velocity sees.

import type { Levels } from "./histogram";
import { type PixelPlane, hasPixels } from "./levels";
import type { Automatic, Brightness, LayerInfo, Model, Moving } from "./protocol";
import type { Look } from "./renderer";

export interface Layer {
  key: number; // of its pixels
  channel: number;
  title: string;
  whole: boolean; // whole numbers
  range: [number, number];
  look: Look;
}

/** Smallest and largest value on the screen, where that is known. */
export type SeenRange = (key: number) => [number, number] | undefined;

function contrastOf(
  chosen: [number, number] | null,
  automatic: Automatic,
  { key, range, auto }: Brightness,
  seen: SeenRange,
): [number, number] {
  if (chosen) return chosen;
  if (automatic === "full range") return range;
  return (automatic === "view" ? seen(key) : undefined) ?? auto;
}

/** The layers to draw, and whether they are added up. */
export function shownLayers(model: Model, seen: SeenRange = () => undefined): Layer[] {
  const plane = model.get("_plane");
  if (!hasPixels(plane)) return [];
  const moving = movingShown(model);
  if (moving) {
    const { key, whole, range } = moving;
    return [{ key, channel: model.get("channel"), title: "", whole, range, look: movingLook(model, moving) }];
  }
  return isComposite(model) ? together(model, seen) : [alone(model, plane, seen)];
}

export const isComposite = (model: Model): boolean =>
  model.get("composite") && model.get("_layers").length > 0;

/** The channel at hand among several. */
export function activeLayer(model: Model): LayerInfo | undefined {
  if (!isComposite(model)) return undefined;
  return model.get("_layers").find((layer) => layer.channel === model.get("channel"));
}

/** Brightness of the channel at hand, or of the pixels without the background. */
export function levelsShown(model: Model, seen: SeenRange): Levels | undefined {
  const plane = model.get("_plane");
  if (!hasPixels(plane)) return undefined;
  const moving = movingShown(model);
  if (moving) {
    const { range, histogram, bin_width } = moving;
    return { range, counts: histogram, binWidth: bin_width, look: movingLook(model, moving), fixed: true };
  }
  const look = chosenAlone(model, plane, seen);
  const lut = activeLayer(model)?.color ?? look.lut;
  return { range: plane.range, counts: plane.histogram, binWidth: plane.bin_width, look: { ...look, lut } };
}

/** Whether contrast depends on what is in view. */
export const followsView = (model: Model): boolean =>
  [model.get("automatic"), ...model.get("_layers").map((layer) => layer.automatic)].includes("view");

type Made = Required<Omit<Moving, "problem">>;

function movingShown(model: Model): Made | undefined {
  const moving = model.get("_moving");
  return model.get("background_removed") && moving.key !== undefined ? (moving as Made) : undefined;
}

const movingLook = (model: Model, { auto }: Made): Look => ({
  contrast: auto, gamma: 1, lut: model.get("lut"),
});

const chosenAlone = (model: Model, plane: PixelPlane, seen: SeenRange): Look => ({
  contrast: contrastOf(model.get("contrast"), model.get("automatic"), plane, seen),
  gamma: model.get("gamma"),
  lut: model.get("lut"),
});

function alone(model: Model, plane: PixelPlane, seen: SeenRange): Layer {
  const { key, whole, range } = plane;
  return { key, channel: model.get("channel"), title: "", whole, range, look: chosenAlone(model, plane, seen) };
}

function together(model: Model, seen: SeenRange): Layer[] {
  const active = model.get("channel");
  return model.get("_layers").flatMap((info) => {
    if (!info.visible || info.key === undefined) return [];
    const { key, whole, range } = info as Brightness;
    // what the user just did is not back from Python yet
    const mine = info.channel === active;
    const contrast = mine ? model.get("contrast") : info.contrast;
    const automatic = mine ? model.get("automatic") : info.automatic;
    const look = {
      contrast: contrastOf(contrast, automatic, info as Brightness, seen),
      gamma: mine ? model.get("gamma") : info.gamma,
      lut: info.color,
    };
    return [{ key, channel: info.channel, title: info.title, whole, range, look }];
  });
}
