/**
 * Draws millions of points by three.js; lives in points-worker.ts.
 *
 * three.js, because its points take typed arrays as they are (two bytes a coordinate, one a label:
 * a new colouring uploads a byte a point) and because it needs no `eval`, which the page forbids;
 * regl, under most scatter plot libraries, makes its code at run time.
 *
 * While something moves only the first points are drawn: boards mix their groups, so that any first
 * rows are a fair sample. When it rests all are, a chunk a frame, on a texture that is shown when it
 * is whole.
 */
import {
  BufferAttribute,
  BufferGeometry,
  CustomBlending,
  DataTexture,
  LinearSRGBColorSpace,
  Mesh,
  MeshBasicMaterial,
  NearestFilter,
  NoBlending,
  OneFactor,
  OneMinusSrcAlphaFactor,
  OrthographicCamera,
  PlaneGeometry,
  Points,
  Scene,
  ShaderMaterial,
  Sphere,
  WebGLRenderer,
  WebGLRenderTarget,
} from 'three';
import type { Frame } from '../messages.ts';
import { FEW } from './few.ts';
import fragment from './points.frag.glsl?raw';
import vertex from './points.vert.glsl?raw';

const REST_MS = 140;

export class PointsView {
  /** Points that are drawn while something moves. */
  readonly sample: number;
  readonly #chunk: number;
  readonly #renderer: WebGLRenderer;
  readonly #target = new WebGLRenderTarget(1, 1, { depthBuffer: false });
  readonly #camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
  readonly #palette = new DataTexture(new Uint8Array(4 * 256), 256, 1);
  readonly #material: ShaderMaterial;
  readonly #scene = new Scene();
  readonly #page = new Scene();
  readonly #pageCamera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
  readonly #points: Points<BufferGeometry, ShaderMaterial>;
  #places: Int16Array = new Int16Array(0);
  #rows = 0;
  #coloured = 0;
  #scheduled = 0;
  #whenShown = () => {};
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** @throws where the browser has no WebGL */
  constructor(canvas: OffscreenCanvas) {
    const context = canvas.getContext('webgl2', { alpha: true, depth: false, antialias: false });
    if (!context) throw new Error('no WebGL');
    this.#renderer = new WebGLRenderer({ canvas, context });
    this.#renderer.outputColorSpace = LinearSRGBColorSpace; // colours pass through as they are
    this.#renderer.autoClear = false;
    this.#renderer.sortObjects = false;
    const slow = isSoftware(context);
    this.sample = slow ? 100_000 : 1_000_000;
    this.#chunk = slow ? 100_000 : 4_000_000;
    this.#palette.minFilter = this.#palette.magFilter = NearestFilter;
    this.#material = new ShaderMaterial({
      vertexShader: vertex,
      fragmentShader: fragment,
      uniforms: {
        palette: { value: this.#palette },
        size: { value: 1 },
        opacity: { value: 1 },
        coloured: { value: 0 },
      },
      transparent: true,
      depthTest: false,
      depthWrite: false,
      blending: CustomBlending,
      blendSrc: OneFactor,
      blendDst: OneMinusSrcAlphaFactor,
    });
    this.#points = new Points(new BufferGeometry(), this.#material);
    this.#points.frustumCulled = false;
    this.#scene.add(this.#points);
    const sheet = new MeshBasicMaterial({ map: this.#target.texture, depthTest: false });
    sheet.blending = NoBlending;
    sheet.transparent = true;
    const plane = new Mesh(new PlaneGeometry(2, 2), sheet);
    plane.frustumCulled = false;
    this.#page.add(plane);
    canvas.addEventListener('webglcontextrestored', () => this.#touch());
  }

  /** New points (rows × 2, ±32767 at the edges of the bounds), without colours yet. */
  setPlaces(places: Int16Array): void {
    this.#points.geometry.dispose();
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(places, 2, true));
    const labels = new BufferAttribute(new Uint8Array(places.length / 2), 1);
    geometry.setAttribute('label', labels);
    geometry.boundingSphere = new Sphere(); // not to be worked out: nothing is culled or sorted
    this.#points.geometry = geometry;
    this.#places = places;
    this.#rows = places.length / 2;
    this.#coloured = 0;
    this.#touch();
  }

  /** Colours of clusters, red, green and blue. */
  setPalette(colours: readonly (readonly [number, number, number])[]): void {
    const { data } = this.#palette.image;
    colours.forEach(([red, green, blue], j) => data!.set([red, green, blue, 255], 4 * j));
    this.#palette.needsUpdate = true;
    this.#touch();
  }

  /** Labels of the first points; the others are not drawn until theirs come. Resolves when shown. */
  setLabels(labels: Uint8Array): Promise<void> {
    const attribute = this.#points.geometry.getAttribute('label') as BufferAttribute | undefined;
    if (!attribute || labels.length > attribute.count) return Promise.resolve();
    (attribute.array as Uint8Array).set(labels);
    attribute.clearUpdateRanges();
    attribute.addUpdateRange(0, labels.length);
    attribute.needsUpdate = true;
    this.#coloured = labels.length;
    this.#touch();
    return new Promise((resolve) => {
      this.#whenShown = resolve;
    });
  }

  /** Of the points that are shown: rows × 2. */
  get places(): Int16Array {
    return this.#places;
  }

  /** The cluster of a row, or null where it has none yet. */
  labelOf(row: number): number | null {
    const label = this.#points.geometry.getAttribute('label');
    return row < this.#coloured ? label.getX(row) : null;
  }

  /** All points as they are seen now, as a PNG without a ground. */
  picture(): Promise<Blob> {
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#scheduled);
    const rows = this.#coloured || this.#rows;
    this.#begin(rows);
    this.#draw(0, rows);
    this.#show();
    return (this.#renderer.domElement as unknown as OffscreenCanvas).convertToBlob();
  }

  /** The same as places in the frame (0 to 1 from its left and its top) by cluster, and how they look. */
  dots(): { dots: number[][]; size: number; opacity: number } {
    this.#begin(this.#rows);
    this.#touch();
    const { left, right, bottom, top } = this.#camera;
    const dots: number[][] = [];
    for (let i = 0; i < (this.#coloured || this.#rows); i++) {
      const x = (this.#places[2 * i] / 32767 - left) / (right - left);
      const y = (top - this.#places[2 * i + 1] / 32767) / (top - bottom);
      if (x > -0.01 && x < 1.01 && y > -0.01 && y < 1.01)
        (dots[this.labelOf(i) ?? 0] ??= []).push(x, y);
    }
    const { size, opacity } = this.#material.uniforms;
    const ratio = this.#renderer.getPixelRatio();
    return { dots, size: Number(size.value) / ratio, opacity: Number(opacity.value) };
  }

  setFrame({ left, right, bottom, top }: Frame): void {
    Object.assign(this.#camera, { left, right, bottom, top });
    this.#camera.updateProjectionMatrix();
    this.#touch();
  }

  resize(width: number, height: number, ratio: number): void {
    this.#renderer.setPixelRatio(ratio);
    this.#renderer.setSize(width, height, false);
    this.#target.setSize(Math.round(width * ratio), Math.round(height * ratio));
    this.#touch();
  }

  /** Something changed: the sample at the next frame, everything once it rests. */
  #touch(): void {
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#scheduled);
    this.#scheduled = requestAnimationFrame(() => {
      const drawable = this.#coloured || this.#rows;
      const first = Math.min(this.sample, drawable);
      this.#begin(first);
      this.#draw(0, first);
      this.#show();
      this.#whenShown();
      if (first < drawable) this.#resting = setTimeout(() => this.#drawAll(drawable), REST_MS);
    });
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

  /** A clean sheet, and dots of such a size and opacity that so many of them show their density. */
  #begin(rows: number): void {
    const { width, height } = this.#target;
    const ratio = this.#renderer.getPixelRatio();
    const { left, right, bottom, top } = this.#camera;
    // Pixels of the square that holds the points, when all of it is in view.
    const area = ((2 * width) / (right - left)) * ((2 * height) / (top - bottom));
    const most = (rows < FEW ? 10 : 7) * ratio;
    const size = Math.min(most, Math.max(1, Math.sqrt((0.9 * area) / Math.max(1, rows))));
    const cover = (rows * size * size) / area;
    const { uniforms } = this.#material;
    uniforms.size.value = size;
    uniforms.opacity.value = Math.min(0.85, Math.max(0.06, 0.75 / cover));
    uniforms.coloured.value = this.#coloured > 0 ? 1 : 0;
    this.#renderer.setRenderTarget(this.#target);
    this.#renderer.setClearColor(0, 0);
    this.#renderer.clear();
  }

  #draw(start: number, count: number): void {
    this.#points.geometry.setDrawRange(start, count);
    this.#renderer.setRenderTarget(this.#target);
    if (this.#rows > 0) this.#renderer.render(this.#scene, this.#camera);
  }

  #show(): void {
    this.#renderer.setRenderTarget(null);
    this.#renderer.clear();
    this.#renderer.render(this.#page, this.#pageCamera);
  }
}

/** True where a processor poses as the graphics card. */
function isSoftware(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : '';
  return /swiftshader|llvmpipe|software|basic render/i.test(String(renderer));
}
