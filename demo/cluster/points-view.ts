/**
 * Draws millions of points in WebGL; lives in drawing.ts.
 *
 * With twgl, which is thin: typed arrays go to the card as they are (two 16-bit coordinates a point, a byte
 * a label: a new colouring uploads a byte a point), and it needs no `eval`, which the page forbids.
 *
 * While something moves only the first points are drawn: boards mix their groups, so that any first
 * rows are a fair sample. When it rests all are, a chunk a frame, on a sheet that is shown when it
 * is whole.
 */
import {
  createBufferInfoFromArrays,
  createFramebufferInfo,
  createProgramInfo,
  createTexture,
  resizeFramebufferInfo,
  setAttribInfoBufferFromArray,
  setBuffersAndAttributes,
  setTextureFromArray,
  setUniforms,
  type BufferInfo,
  type FramebufferInfo,
  type ProgramInfo,
} from 'twgl.js';
import type { Frame } from '../messages.ts';
import { FEW } from './few.ts';
import fragment from './points.frag.glsl?raw';
import vertex from './points.vert.glsl?raw';

const REST_MS = 140;

/** One byte a channel, and no depth: dots lie on each other. */
const SHEET = [{ format: WebGL2RenderingContext.RGBA, min: WebGL2RenderingContext.NEAREST }];

/** What is on the card. It goes with the context, and is made anew of what is here. */
interface OnCard {
  readonly program: ProgramInfo;
  readonly palette: WebGLTexture;
  readonly sheet: FramebufferInfo;
  points: BufferInfo | null;
}

export class PointsView {
  /** Points that are drawn while something moves. */
  readonly sample: number;
  readonly #chunk: number;
  readonly #canvas: OffscreenCanvas;
  readonly #gl: WebGL2RenderingContext;
  #card: OnCard;
  readonly #colours = new Uint8Array(4 * 256);
  #places: Int16Array = new Int16Array(0);
  #labels = new Uint8Array(0);
  #frame: Frame = { left: -1, right: 1, bottom: -1, top: 1 };
  #ratio = 1;
  #coloured = 0;
  #scheduled = 0;
  #whenShown = () => {};
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** @throws where the browser has no WebGL 2 */
  constructor(canvas: OffscreenCanvas) {
    const gl = canvas.getContext('webgl2', { alpha: true, depth: false, antialias: false });
    if (!gl) throw new Error('no WebGL');
    [this.#canvas, this.#gl] = [canvas, gl];
    const slow = isSoftware(gl);
    this.sample = slow ? 100_000 : 1_000_000;
    this.#chunk = slow ? 100_000 : 4_000_000;
    this.#card = this.#make();
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault()); // may it come back
    canvas.addEventListener('webglcontextrestored', () => {
      this.#card = this.#make();
      this.#upload();
      this.#touch();
    });
  }

  #make(): OnCard {
    const gl = this.#gl;
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    return {
      program: createProgramInfo(gl, [vertex, fragment]),
      palette: createTexture(gl, {
        src: this.#colours,
        width: 256,
        height: 1,
        min: gl.NEAREST,
        mag: gl.NEAREST,
        auto: false,
      }),
      sheet: createFramebufferInfo(gl, SHEET, this.#canvas.width, this.#canvas.height),
      points: null,
    };
  }

  /** Of the points that are shown: rows × 2. */
  get places(): Int16Array {
    return this.#places;
  }

  /** The cluster of a row, or null where it has none yet. */
  labelOf(row: number): number | null {
    return row < this.#coloured ? this.#labels[row] : null;
  }

  /** New points (rows × 2, ±32767 at the edges of the bounds), without colours yet. */
  setPlaces(places: Int16Array): void {
    this.#places = places;
    this.#labels = new Uint8Array(places.length / 2);
    this.#coloured = 0;
    this.#upload();
    this.#touch();
  }

  #upload(): void {
    const gl = this.#gl;
    for (const { buffer } of Object.values(this.#card.points?.attribs ?? {}))
      gl.deleteBuffer(buffer);
    this.#card.points = createBufferInfoFromArrays(gl, {
      position: { data: this.#places, numComponents: 2, normalize: true },
      label: { data: this.#labels, numComponents: 1, normalize: false },
    });
  }

  /** Colours of clusters, red, green and blue. */
  setPalette(colours: readonly (readonly [number, number, number])[]): void {
    colours.forEach(([red, green, blue], j) => this.#colours.set([red, green, blue, 255], 4 * j));
    setTextureFromArray(this.#gl, this.#card.palette, this.#colours, { width: 256, height: 1 });
    this.#touch();
  }

  /** Labels of the first points; the others are not drawn until theirs come. Resolves when shown. */
  setLabels(labels: Uint8Array): Promise<void> {
    const attribute = this.#card.points?.attribs?.['label'];
    if (!attribute || labels.length > this.#labels.length) return Promise.resolve();
    this.#labels.set(labels);
    setAttribInfoBufferFromArray(this.#gl, attribute, labels, 0);
    this.#coloured = labels.length;
    this.#touch();
    return new Promise((resolve) => {
      this.#whenShown = resolve;
    });
  }

  setFrame(frame: Frame): void {
    this.#frame = frame;
    this.#touch();
  }

  resize(width: number, height: number, ratio: number): void {
    const canvas = this.#canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.#ratio = ratio;
    resizeFramebufferInfo(this.#gl, this.#card.sheet, SHEET, canvas.width, canvas.height);
    this.#touch();
  }

  /** All points as they are seen now, as a PNG without a ground. */
  picture(): Promise<Blob> {
    this.#stop();
    this.#begin(this.#drawable);
    this.#draw(0, this.#drawable);
    this.#show();
    return this.#canvas.convertToBlob();
  }

  /** The same as places in the frame (0 to 1 from its left and its top) by cluster, and how they look. */
  dots(): { dots: number[][]; size: number; opacity: number } {
    const { left, right, bottom, top } = this.#frame;
    const dots: number[][] = [];
    for (let i = 0; i < this.#drawable; i++) {
      const x = (this.#places[2 * i] / 32767 - left) / (right - left);
      const y = (top - this.#places[2 * i + 1] / 32767) / (top - bottom);
      const isSeen = x > -0.01 && x < 1.01 && y > -0.01 && y < 1.01;
      if (isSeen) (dots[this.labelOf(i) ?? 0] ??= []).push(x, y);
    }
    const { size, opacity } = this.#look(this.#drawable);
    return { dots, size: size / this.#ratio, opacity };
  }

  #stop(): void {
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#scheduled);
  }

  /** Something changed: the sample at the next frame, everything once it rests. */
  #touch(): void {
    this.#stop();
    this.#scheduled = requestAnimationFrame(() => {
      const drawable = this.#drawable;
      const first = Math.min(this.sample, drawable);
      this.#begin(first);
      this.#draw(0, first);
      this.#show();
      this.#whenShown();
      if (first < drawable) this.#resting = setTimeout(() => this.#drawAll(drawable), REST_MS);
    });
  }

  /** Those that have labels, or all while none has. */
  get #drawable(): number {
    return this.#coloured || this.#labels.length;
  }

  #drawAll(rows: number): void {
    let done = 0;
    this.#begin(rows);
    const next = () => {
      this.#draw(done, Math.min(this.#chunk, rows - done));
      done += this.#chunk;
      if (done >= rows) this.#show();
      else this.#scheduled = requestAnimationFrame(next);
    };
    this.#scheduled = requestAnimationFrame(next);
  }

  /** Dots of such a size and opacity that so many of them show their density. */
  #look(rows: number): { size: number; opacity: number } {
    const { width, height } = this.#canvas;
    const { left, right, bottom, top } = this.#frame;
    // Pixels of the square that holds the points, when all of it is in view.
    const area = ((2 * width) / (right - left)) * ((2 * height) / (top - bottom));
    const most = (rows < FEW ? 10 : 7) * this.#ratio;
    const size = Math.min(most, Math.max(1, Math.sqrt((0.9 * area) / Math.max(1, rows))));
    const cover = (rows * size * size) / area;
    return { size, opacity: Math.min(0.85, Math.max(0.06, 0.75 / cover)) };
  }

  /** A clean sheet, and how so many points are to be drawn on it. */
  #begin(rows: number): void {
    const gl = this.#gl;
    const { program, palette, sheet } = this.#card;
    const { left, right, bottom, top } = this.#frame;
    gl.useProgram(program.program);
    setUniforms(program, {
      palette,
      ...this.#look(rows),
      coloured: this.#coloured > 0 ? 1 : 0,
      centre: [(left + right) / 2, (bottom + top) / 2],
      scale: [2 / (right - left), 2 / (top - bottom)],
    });
    gl.bindFramebuffer(gl.FRAMEBUFFER, sheet.framebuffer);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  #draw(start: number, count: number): void {
    const gl = this.#gl;
    const { program, sheet, points } = this.#card;
    if (!points || count === 0) return;
    gl.bindFramebuffer(gl.FRAMEBUFFER, sheet.framebuffer);
    setBuffersAndAttributes(gl, program, points);
    gl.drawArrays(gl.POINTS, start, count);
  }

  #show(): void {
    const gl = this.#gl;
    const { width, height } = this.#canvas;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#card.sheet.framebuffer);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
  }
}

/** True where a processor poses as the graphics card. */
function isSoftware(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : '';
  return /swiftshader|llvmpipe|software|basic render/i.test(String(renderer));
}
