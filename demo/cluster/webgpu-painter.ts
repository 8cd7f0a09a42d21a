/**
 * Draws points in WebGPU, by labels in a buffer on the device: two 16-bit coordinates and a u32 a point. Where they are
 * more than a binding may hold, they are bound a part at a time.
 */
import text from './points.wgsl?raw';
import type { Colour, Look, Painter } from './points-view.ts';

/** Bytes of `Look` in points.wgsl, and of the palette. */
const LOOK_BYTES = 48;
const PALETTE_BYTES = 16 * 256;

/** Of two triangles. */
const CORNERS = 6;

/** A dot of one pixel covers what lies below by its opacity. */
const OVER: GPUBlendComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' };

/** Rows of a part: a multiple, so that it may be bound where it begins. */
const ALIGNED_ROWS = 64;

/** What is drawn: four bytes a row in both. */
export interface PointBuffers {
  readonly places: GPUBuffer;
  readonly labels: GPUBuffer;
}

export class WebGpuPainter implements Painter {
  readonly isSlow = false;
  readonly #device: GPUDevice;
  readonly #canvas: OffscreenCanvas;
  readonly #context: GPUCanvasContext;
  readonly #pipeline: GPURenderPipeline;
  readonly #look: GPUBuffer;
  readonly #palette: GPUBuffer;
  readonly #group: GPUBindGroup;
  readonly #format: GPUTextureFormat;
  #sheet: GPUTexture;
  /** Points by parts of so many rows. */
  readonly #partRows: number;
  #parts: GPUBindGroup[] = [];
  #isClean = true;

  private constructor(
    device: GPUDevice,
    canvas: OffscreenCanvas,
    context: GPUCanvasContext,
    pipeline: GPURenderPipeline,
    format: GPUTextureFormat,
  ) {
    [this.#device, this.#canvas, this.#context] = [device, canvas, context];
    [this.#pipeline, this.#format] = [pipeline, format];
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.#look = device.createBuffer({ label: 'look', size: LOOK_BYTES, usage });
    this.#palette = device.createBuffer({ label: 'palette', size: PALETTE_BYTES, usage });
    this.#group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: this.#look } },
        { binding: 1, resource: { buffer: this.#palette } },
      ],
    });
    this.#sheet = this.#makeSheet();
    const most = Math.floor(device.limits.maxStorageBufferBindingSize / 4);
    this.#partRows = most - (most % ALIGNED_ROWS);
  }

  /**
   * @param canvas one that has shown WebGPU before, or nothing yet
   * @throws Error where it shows none
   */
  static async open(device: GPUDevice, canvas: OffscreenCanvas): Promise<WebGpuPainter> {
    const context = canvas.getContext('webgpu');
    if (!context) throw new Error('no WebGPU on a canvas');
    const format = navigator.gpu.getPreferredCanvasFormat();
    const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_DST;
    context.configure({ device, format, usage, alphaMode: 'premultiplied' });
    const module = device.createShaderModule({ label: 'points', code: text });
    const pipeline = await device.createRenderPipelineAsync({
      label: 'points',
      layout: 'auto',
      vertex: { module, entryPoint: 'dot_at' },
      fragment: {
        module,
        entryPoint: 'seen',
        targets: [{ format, blend: { color: OVER, alpha: OVER } }],
      },
    });
    const painter = new WebGpuPainter(device, canvas, context, pipeline, format);
    // Where a browser cannot show it, it is better known before there is anything to lose.
    await painter.show();
    return painter;
  }

  setPoints(points: PointBuffers | null): void {
    const rows = points ? points.places.size / 4 : 0;
    this.#parts = Array.from({ length: Math.ceil(rows / this.#partRows) }, (_, part) => {
      const offset = 4 * part * this.#partRows;
      const size = Math.min(4 * this.#partRows, 4 * rows - offset);
      const entries = [points!.places, points!.labels].map((buffer, binding) => ({
        binding,
        resource: { buffer, offset, size },
      }));
      return this.#device.createBindGroup({
        layout: this.#pipeline.getBindGroupLayout(1),
        entries,
      });
    });
  }

  setPalette(colours: readonly Colour[]): void {
    const values = Float32Array.from(colours.flatMap((colour) => [...colour.map(share), 1]));
    this.#device.queue.writeBuffer(this.#palette, 0, values);
  }

  #makeSheet(): GPUTexture {
    const { width, height } = this.#canvas;
    return this.#device.createTexture({
      label: 'sheet',
      size: [width, height],
      format: this.#format,
      usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
    });
  }

  resize(): void {
    this.#sheet.destroy();
    this.#sheet = this.#makeSheet();
  }

  begin({ centre, scale, size, opacity, coloured }: Look): void {
    const { width, height } = this.#canvas;
    const numbers = [...centre, ...scale, width, height, size, opacity, coloured ? 1 : 0];
    this.#device.queue.writeBuffer(this.#look, 0, new Float32Array(numbers));
    this.#isClean = false;
    this.draw(0, 0);
  }

  draw(first: number, count: number): void {
    if (this.#isClean && count === 0) return;
    const encoder = this.#device.createCommandEncoder({ label: 'points' });
    const view = this.#sheet.createView();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view, loadOp: this.#isClean ? 'load' : 'clear', storeOp: 'store' }],
    });
    this.#isClean = true;
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#group);
    for (const [part, group] of this.#parts.entries()) {
      const from = Math.max(0, first - part * this.#partRows);
      const to = Math.min(this.#partRows, first + count - part * this.#partRows);
      if (from >= to) continue;
      pass.setBindGroup(1, group);
      pass.draw(CORNERS * (to - from), 1, CORNERS * from);
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  async show(): Promise<void> {
    const { width, height } = this.#canvas;
    const encoder = this.#device.createCommandEncoder({ label: 'showing' });
    const texture = this.#context.getCurrentTexture();
    encoder.copyTextureToTexture({ texture: this.#sheet }, { texture }, [width, height]);
    this.#device.queue.submit([encoder.finish()]);
    await this.#device.queue.onSubmittedWorkDone();
  }

  /** Frees what is its own. The canvas may be given to another. */
  dispose(): void {
    for (const own of [this.#look, this.#palette, this.#sheet]) own.destroy();
    this.#context.unconfigure();
  }
}

const share = (channel: number) => channel / 255;
