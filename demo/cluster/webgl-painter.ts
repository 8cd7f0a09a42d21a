/**
 * Draws points in WebGL 2, by labels from main memory.
 *
 * With twgl, which is thin: typed arrays go to the card as they are (two 16-bit coordinates a point, a byte
 * a label: a new colouring uploads a byte a point), and it needs no `eval`, which the page forbids.
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
import { isSoftware } from '../../src/software.ts';
import fragment from './points.frag.glsl?raw';
import vertex from './points.vert.glsl?raw';
import type { Colour, Look, Painter } from './points-view.ts';

/** One byte a channel, and no depth: dots lie on each other. */
const SHEET = [{ format: WebGL2RenderingContext.RGBA, min: WebGL2RenderingContext.NEAREST }];

/** What is on the card. It goes with the context, and is made anew of what is here. */
interface OnCard {
  readonly program: ProgramInfo;
  readonly palette: WebGLTexture;
  readonly sheet: FramebufferInfo;
  /** Null until the points are drawn: where another painter draws them, they are not sent. */
  points: BufferInfo | null;
}

export class WebGlPainter implements Painter {
  readonly isSlow: boolean;
  readonly #canvas: OffscreenCanvas;
  readonly #gl: WebGL2RenderingContext;
  #card: OnCard;
  readonly #colours = new Uint8Array(4 * 256);
  #places: Int16Array = new Int16Array(0);
  #labels = new Uint8Array(0);

  /**
   * @param restored called when all is as it was after the context was lost
   * @throws where the browser has no WebGL 2
   */
  constructor(canvas: OffscreenCanvas, restored: () => void) {
    const gl = canvas.getContext('webgl2', { alpha: true, depth: false, antialias: false });
    if (!gl) throw new Error('no WebGL');
    [this.#canvas, this.#gl] = [canvas, gl];
    this.isSlow = isOnProcessor(gl);
    this.#card = this.#make();
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault()); // may it come back
    canvas.addEventListener('webglcontextrestored', () => {
      this.#card = this.#make();
      restored();
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

  /** Of the points: rows × 2, ±32767 at the edges of the bounds. */
  get places(): Int16Array {
    return this.#places;
  }

  get labels(): Uint8Array {
    return this.#labels;
  }

  setPlaces(places: Int16Array): void {
    this.#places = places;
    this.#labels = new Uint8Array(places.length / 2);
    this.free();
  }

  /** Labels of the first points, no more than there are. */
  setLabels(labels: Uint8Array): void {
    this.#labels.set(labels);
    const attribute = this.#card.points?.attribs?.['label'];
    if (attribute) setAttribInfoBufferFromArray(this.#gl, attribute, labels, 0);
  }

  /** Takes the points off the card; they are sent again when they are drawn again. */
  free(): void {
    for (const { buffer } of Object.values(this.#card.points?.attribs ?? {}))
      this.#gl.deleteBuffer(buffer);
    this.#card.points = null;
  }

  setPalette(colours: readonly Colour[]): void {
    colours.forEach(([red, green, blue], j) => this.#colours.set([red, green, blue, 255], 4 * j));
    setTextureFromArray(this.#gl, this.#card.palette, this.#colours, { width: 256, height: 1 });
  }

  resize(): void {
    const { width, height } = this.#canvas;
    resizeFramebufferInfo(this.#gl, this.#card.sheet, SHEET, width, height);
  }

  begin({ coloured, ...look }: Look): void {
    const gl = this.#gl;
    const { program, palette, sheet } = this.#card;
    this.#card.points ??= createBufferInfoFromArrays(gl, {
      position: { data: this.#places, numComponents: 2, normalize: true },
      label: { data: this.#labels, numComponents: 1, normalize: false },
    });
    gl.useProgram(program.program);
    setUniforms(program, { palette, ...look, coloured: coloured ? 1 : 0 });
    gl.bindFramebuffer(gl.FRAMEBUFFER, sheet.framebuffer);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  draw(first: number, count: number): void {
    const gl = this.#gl;
    const { program, sheet, points } = this.#card;
    if (!points || count === 0) return;
    gl.bindFramebuffer(gl.FRAMEBUFFER, sheet.framebuffer);
    setBuffersAndAttributes(gl, program, points);
    gl.drawArrays(gl.POINTS, first, count);
  }

  show(): Promise<void> {
    const gl = this.#gl;
    const { width, height } = this.#canvas;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#card.sheet.framebuffer);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    return Promise.resolve();
  }
}

/** True where a processor poses as the graphics card. */
function isOnProcessor(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : '';
  return isSoftware(String(renderer));
}
