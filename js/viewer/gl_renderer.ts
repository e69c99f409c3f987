// Draws tiles with WebGL2: area mean below 1:1, nearest above, contrast and colours on the card.

import { colormap } from "./colormaps";
import type { Pixels, Tile } from "./image_source";
import { Lru } from "./lru";
import { type Look, type Picture, type Renderer, type TileMap, mapTile } from "./renderer";

const BUDGET_BYTES = 128 * 2 ** 20;
const LUTS = 16; // colour maps kept on the card

const VERTEX = `#version 300 es
uniform vec4 corners; // left, bottom, right, top in clip space
void main() {
  vec2 at = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(mix(corners.xy, corners.zw, at), 0.0, 1.0);
}`;

const fragment = (sampler: string): string => `#version 300 es
precision highp float;
precision highp int;
precision highp ${sampler};
uniform ${sampler} tile;
uniform mediump sampler2D lut;
uniform ivec2 size;      // columns, rows of the tile
uniform vec2 rowMap;     // tile rows: offset, per screen pixel
uniform vec2 colMap;
uniform bool lineScan;   // rows to the right, columns upwards
uniform float canvasHeight;
uniform vec3 look;       // low, 1 / (high - low), gamma
out vec4 color;

// the texels under one screen pixel: a whole one above 1:1, all that it covers below
void span(vec2 map, float pixel, int limit, out float a, out float b) {
  a = map.x + map.y * pixel;
  b = a + map.y;
  if (map.y <= 1.0) {
    a = floor(map.x + map.y * (pixel + 0.5));
    a = clamp(a, 0.0, float(limit - 1));
    b = a + 1.0;
  } else {
    a = clamp(a, 0.0, float(limit) - 0.001);
    b = clamp(b, a + 0.001, float(limit));
  }
}

void main() {
  float x = gl_FragCoord.x - 0.5;
  float y = lineScan ? gl_FragCoord.y - 0.5 : canvasHeight - gl_FragCoord.y - 0.5;
  float r0, r1, c0, c1;
  span(rowMap, lineScan ? x : y, size.y, r0, r1);
  span(colMap, lineScan ? y : x, size.x, c0, c1);
  float total = 0.0, weight = 0.0;
  for (int r = int(r0); float(r) < r1; r++) {
    float wr = min(r1, float(r + 1)) - max(r0, float(r));
    for (int c = int(c0); float(c) < c1; c++) {
      float w = wr * (min(c1, float(c + 1)) - max(c0, float(c)));
      float value = float(texelFetch(tile, ivec2(c, r), 0).r);
      if (!isnan(value)) { total += w * value; weight += w; }
    }
  }
  if (weight <= 0.0) discard;
  float share = clamp((total / weight - look.x) * look.y, 0.0, 1.0);
  if (look.z != 1.0) share = pow(share, look.z);
  color = vec4(texelFetch(lut, ivec2(int(share * 255.0 + 0.5), 0), 0).rgb, 1.0);
}`;

const UNIFORMS = [
  "corners", "tile", "lut", "size", "rowMap", "colMap", "lineScan", "canvasHeight", "look",
] as const;

interface Program {
  program: WebGLProgram;
  at: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
}

interface Uploaded {
  texture: WebGLTexture;
  pixels: Pixels;
}

export class GlRenderer implements Renderer {
  readonly kind = "webgl2";
  private readonly programs: { whole: Program; real: Program };
  private readonly textures: Lru<string, Uploaded>;
  private readonly luts: Lru<string, WebGLTexture>;
  private lost = false;

  private constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    private readonly onLost: () => void,
  ) {
    this.textures = new Lru(BUDGET_BYTES, ({ texture }) => this.gl.deleteTexture(texture));
    this.luts = new Lru(LUTS, (texture) => this.gl.deleteTexture(texture));
    canvas.addEventListener("webglcontextlost", this.contextLost);
    this.programs = { whole: this.link("usampler2D"), real: this.link("sampler2D") };
  }

  /** A renderer, or undefined where the browser has no WebGL2. */
  static create(
    canvas: HTMLCanvasElement,
    onLost: () => void,
  ): GlRenderer | undefined {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, stencil: true });
    if (!gl) return undefined;
    try {
      return new GlRenderer(canvas, gl, onLost);
    } catch (error) {
      console.warn("cloudscope: WebGL2 does not work here, drawing without it:", error);
      return undefined;
    }
  }

  draw(picture: Picture | undefined): void {
    if (this.lost) return;
    const { gl, canvas } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
    if (!picture) return;
    gl.enable(gl.STENCIL_TEST);
    gl.stencilOp(gl.KEEP, gl.KEEP, gl.REPLACE);
    for (const [i, { look, tiles }] of picture.layers.entries()) {
      // finest first: a coarser tile fills what is left, and no pixel is added twice
      gl.stencilFunc(gl.GREATER, i + 1, 0xff);
      if (i === 1) gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE);
      for (let t = tiles.length - 1; t >= 0; t--) this.drawTile(picture, look, tiles[t]!);
    }
    gl.disable(gl.BLEND);
  }

  dispose(): void {
    this.canvas.removeEventListener("webglcontextlost", this.contextLost);
    // a page may only have some 16 contexts, and the oldest are taken away beyond that
    if (!this.gl.isContextLost()) this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private drawTile(picture: Picture, look: Look, tile: Tile): void {
    const { gl, canvas } = this;
    const { screen } = picture;
    const map = mapTile(picture.plane, tile, screen);
    const corners = clipCorners(map, canvas.width, canvas.height, screen.lineScan);
    if (!corners) return;
    const real = tile.pixels instanceof Float32Array;
    const { program, at } = real ? this.programs.real : this.programs.whole;
    gl.useProgram(program);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.lutTexture(look.lut));
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.tileTexture(tile));
    gl.uniform1i(at.tile, 0);
    gl.uniform1i(at.lut, 1);
    gl.uniform4f(at.corners, ...corners);
    gl.uniform2i(at.size, tile.cols, tile.rows);
    gl.uniform2f(at.rowMap, map.rows.offset, map.rows.step);
    gl.uniform2f(at.colMap, map.cols.offset, map.cols.step);
    gl.uniform1i(at.lineScan, screen.lineScan ? 1 : 0);
    gl.uniform1f(at.canvasHeight, canvas.height);
    const [low, high] = look.contrast;
    gl.uniform3f(at.look, (low - tile.offset) / tile.scale, tile.scale / (high - low || 1e-9), look.gamma);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private tileTexture(tile: Tile): WebGLTexture {
    const { gl } = this;
    const known = this.textures.get(tile.name);
    if (known?.pixels === tile.pixels) return known.texture;
    const texture = this.newTexture();
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, tile.pixels.BYTES_PER_ELEMENT);
    const [inside, format, type] =
      tile.pixels instanceof Float32Array
        ? [gl.R32F, gl.RED, gl.FLOAT]
        : tile.pixels instanceof Uint16Array
          ? [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT]
          : [gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE];
    gl.texImage2D(gl.TEXTURE_2D, 0, inside, tile.cols, tile.rows, 0, format, type, tile.pixels);
    this.textures.set(tile.name, { texture, pixels: tile.pixels }, tile.pixels.byteLength);
    return texture;
  }

  private lutTexture(name: string): WebGLTexture {
    const known = this.luts.get(name);
    if (known) return known;
    const { gl } = this;
    const texture = this.newTexture();
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colormap(name));
    this.luts.set(name, texture, 1);
    return texture;
  }

  private newTexture(): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    // integer textures are incomplete with any other filter
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
    }
    return texture;
  }

  private link(sampler: string): Program {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, fragment(sampler)],
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) throw new Error("no shader");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader));
      throw new Error(`shader: ${gl.getProgramInfoLog(program)} ${logs?.join(" ")}`);
    }
    const at = Object.fromEntries(
      UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
    ) as Program["at"];
    return { program, at };
  }

  private readonly contextLost = (): void => {
    this.lost = true;
    this.onLost();
  };
}

/** Corners of a tile in clip space, cut to the canvas; undefined if it is out of sight. */
function clipCorners(
  map: TileMap,
  width: number,
  height: number,
  lineScan: boolean,
): [number, number, number, number] | undefined {
  const [x0, x1] = lineScan ? map.alongRows : map.alongCols;
  const [a, b] = lineScan ? map.alongCols : map.alongRows;
  const [y0, y1] = lineScan ? [a, b] : [height - b, height - a];
  const left = Math.max(x0, 0);
  const right = Math.min(x1, width);
  const bottom = Math.max(y0, 0);
  const top = Math.min(y1, height);
  if (right <= left || top <= bottom) return undefined;
  const clip = (value: number, size: number): number => (2 * value) / size - 1;
  return [clip(left, width), clip(bottom, height), clip(right, width), clip(top, height)];
}
