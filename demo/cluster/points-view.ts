/**
 * Draws tens of millions of points by WebGL 2; lives in points-worker.ts.
 *
 * Without a library: this is one program over two buffers (four bytes a place, one a label, so that a
 * new colouring uploads a byte a point), and one for scenes would be most of what the page loads at
 * first (three.js: 130 of 290 kB). Those made for scatter plots make code at run time, which the page
 * forbids.
 *
 * While something moves only the first points are drawn: boards mix their groups, so that any first
 * rows are a fair sample. When it rests all are, a chunk a frame, on a texture that is shown when it
 * is whole.
 */
import type { Frame } from '../messages.ts';
import { FEW } from './few.ts';
import fragment from './points.frag.glsl?raw';
import vertex from './points.vert.glsl?raw';

const REST_MS = 140;

const UNIFORMS = ['scale', 'offset', 'palette', 'size', 'opacity', 'coloured'] as const;

/** What lies on the graphics card. All of it is made again where that was reset. */
interface OnCard {
  uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
  places: WebGLBuffer;
  labels: WebGLBuffer;
  /** A palette's colours, a pixel each. */
  palette: WebGLTexture;
  sheet: WebGLTexture;
  /** Draws on the sheet. */
  target: WebGLFramebuffer;
}

export class PointsView {
  /** Points that are drawn while something moves. */
  readonly sample: number;
  readonly #chunk: number;
  readonly #canvas: OffscreenCanvas;
  readonly #gl: WebGL2RenderingContext;
  readonly #palette = new Uint8Array(4 * 256);
  #card: OnCard;
  #places: Int16Array = new Int16Array(0);
  #labels = new Uint8Array(0);
  #coloured = 0;
  #frame: Frame = { left: -1, right: 1, top: 1, bottom: -1 };
  #ratio = 1;
  #size = 1;
  #opacity = 1;
  #scheduled = 0;
  #whenShown = () => {};
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** @throws where the browser has no WebGL */
  constructor(canvas: OffscreenCanvas) {
    const gl = canvas.getContext('webgl2', { alpha: true, depth: false, antialias: false });
    if (!gl) throw new Error('no WebGL');
    [this.#canvas, this.#gl] = [canvas, gl];
    const slow = isSoftware(gl);
    this.sample = slow ? 100_000 : 1_000_000;
    this.#chunk = slow ? 100_000 : 4_000_000;
    this.#card = open(gl);
    // A loss that is let be is final.
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => {
      this.#card = open(gl);
      this.#upload();
      this.#touch();
    });
  }

  /** Of the points that are shown: rows × 2. */
  get places(): Int16Array {
    return this.#places;
  }

  get #rows(): number {
    return this.#labels.length;
  }

  /** Points that can be drawn: those with colours, where some have. */
  get #drawable(): number {
    return this.#coloured || this.#rows;
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

  /** Colours of clusters, red, green and blue. */
  setPalette(colours: readonly (readonly [number, number, number])[]): void {
    colours.forEach((colour, j) => this.#palette.set([...colour, 255], 4 * j));
    this.#uploadPalette();
    this.#touch();
  }

  /** Labels of the first points; the others are not drawn until theirs come. Resolves when shown. */
  setLabels(labels: Uint8Array): Promise<void> {
    if (labels.length > this.#rows) return Promise.resolve();
    this.#labels.set(labels);
    this.#coloured = labels.length;
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#card.labels);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, labels);
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
    this.#ratio = ratio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#sizeSheet();
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
    this.#measure(this.#drawable);
    return { dots, size: this.#size / this.#ratio, opacity: this.#opacity };
  }

  #stop(): void {
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#scheduled);
  }

  /** Something changed: the sample at the next frame, everything once it rests. */
  #touch(): void {
    this.#stop();
    this.#scheduled = requestAnimationFrame(() => {
      const first = Math.min(this.sample, this.#drawable);
      this.#begin(first);
      this.#draw(0, first);
      this.#show();
      this.#whenShown();
      if (first < this.#drawable) this.#resting = setTimeout(() => this.#drawAll(), REST_MS);
    });
  }

  #drawAll(): void {
    const rows = this.#drawable;
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
  #measure(rows: number): void {
    const { width, height } = this.#canvas;
    const { left, right, bottom, top } = this.#frame;
    // Pixels of the square that holds the points, when all of it is in view.
    const area = ((2 * width) / (right - left)) * ((2 * height) / (top - bottom));
    const most = (rows < FEW ? 10 : 7) * this.#ratio;
    this.#size = Math.min(most, Math.max(1, Math.sqrt((0.9 * area) / Math.max(1, rows))));
    const cover = (rows * this.#size * this.#size) / area;
    this.#opacity = Math.min(0.85, Math.max(0.06, 0.75 / cover));
  }

  /** A clean sheet, and how so many points are to be drawn on it. */
  #begin(rows: number): void {
    this.#measure(rows);
    const gl = this.#gl;
    const { uniforms, target } = this.#card;
    const { left, right, bottom, top } = this.#frame;
    gl.uniform2f(uniforms.scale, 2 / (right - left), 2 / (top - bottom));
    gl.uniform2f(uniforms.offset, (left + right) / (left - right), (bottom + top) / (bottom - top));
    gl.uniform1f(uniforms.size, this.#size);
    gl.uniform1f(uniforms.opacity, this.#opacity);
    gl.uniform1i(uniforms.coloured, this.#coloured > 0 ? 1 : 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  #draw(start: number, count: number): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#card.target);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    if (count > 0) gl.drawArrays(gl.POINTS, start, count);
  }

  #show(): void {
    const gl = this.#gl;
    const { width, height } = this.#canvas;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#card.target);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(
      ...([0, 0, width, height] as const),
      ...([0, 0, width, height] as const),
      gl.COLOR_BUFFER_BIT,
      gl.NEAREST,
    );
  }

  #upload(): void {
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#card.places);
    gl.bufferData(gl.ARRAY_BUFFER, this.#places, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#card.labels);
    gl.bufferData(gl.ARRAY_BUFFER, this.#labels, gl.DYNAMIC_DRAW);
    this.#uploadPalette();
    this.#sizeSheet();
  }

  #uploadPalette(): void {
    const gl = this.#gl;
    gl.bindTexture(gl.TEXTURE_2D, this.#card.palette);
    const format = [gl.RGBA, gl.UNSIGNED_BYTE] as const;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, ...format, this.#palette);
  }

  #sizeSheet(): void {
    const gl = this.#gl;
    const { width, height } = this.#canvas;
    gl.bindTexture(gl.TEXTURE_2D, this.#card.sheet);
    const format = [gl.RGBA, gl.UNSIGNED_BYTE] as const;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, ...format, null);
    // Programs read the texture that was bound last.
    gl.bindTexture(gl.TEXTURE_2D, this.#card.palette);
  }
}

/** One program, its buffers and textures, bound for good. */
function open(gl: WebGL2RenderingContext): OnCard {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  // A context that is lost links nothing, and is restored.
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`no WebGL: ${gl.getProgramInfoLog(program)}`);
  gl.useProgram(program);
  const buffer = (name: string, ...layout: [number, number, boolean]) => {
    const made = gl.createBuffer();
    const at = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, made);
    if (at >= 0) {
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, ...layout, 0, 0);
    }
    return made;
  };
  const texture = () => {
    const made = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, made);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    return made;
  };
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.clearColor(0, 0, 0, 0);
  const [sheet, palette, target] = [texture(), texture(), gl.createFramebuffer()];
  gl.bindTexture(gl.TEXTURE_2D, sheet);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, sheet, 0);
  gl.bindTexture(gl.TEXTURE_2D, palette);
  const uniforms = Object.fromEntries(
    UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
  ) as OnCard['uniforms'];
  return {
    uniforms,
    places: buffer('place', 2, gl.SHORT, true),
    labels: buffer('label', 1, gl.UNSIGNED_BYTE, false),
    palette,
    sheet,
    target,
  };
}

/** True where a processor poses as the graphics card. */
function isSoftware(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : '';
  return /swiftshader|llvmpipe|software|basic render/i.test(String(renderer));
}
