/**
 * Lays points on the grid where they are, in a caller's buffer: to the bits of layOnGrid, and without
 * bringing them home. Doubles are worked out in integers (shaders/shared/double.wgsl). Three passes, as on
 * the host; between them a few numbers a column come here, and what they mean is decided where it is for
 * everybody (grid.ts).
 *
 * The caller's buffer is bound in place, or copied on the device, a window of rows at a time, where it may
 * not be bound. It is never changed.
 *
 * Device memory: 4 bytes a coordinate, for the values, until the points are disposed; and windows.
 */
import type { LayInPlaceOptions } from '../../engine.ts';
import { OutOfMemoryError, refuse } from '../../errors.ts';
import {
  centresOf,
  columnExponentsOf,
  factsOf,
  frameOf,
  integerWeights,
  refuseNumber,
  stepsPerUnit,
  type Ends,
  type Frame,
  type Moments,
} from '../../grid.ts';
import type { LaidPoints } from '../../laid-points.ts';
import { gatherRows, type GpuRows } from '../../matrix.ts';
import { borrowDevice, Watch } from './device.ts';
import { bringHome } from './gpu-memory.ts';
import { bindingsOf, type Binding } from './kernels.ts';
import {
  LAY_KERNELS,
  LAY_WORKGROUP,
  layConstants,
  LAYING_WORDS,
  type LayKernel,
  type LayKernelName,
} from './lay-kernels.ts';
import { Pipelines, type Pipeline } from './pipelines.ts';
import { Readback, type Region } from './readback.ts';
import { selfTest } from './self-test.ts';
import { checkEnds, checkRefused } from './sound.ts';

/** A coordinate in doubles costs about as much as so many coordinate differences of an iteration. */
const DIFFERENCES = 64;
/** Workgroups over the rows of a window: each takes what it found to the same few words. */
const MOST_GROUPS = 512;
/** Rows of a thread, at least: as long as it stays in one column. */
const LEAST_ROWS = 16;
/** Bytes of rows that are picked at a time. */
const PICK_BYTES = 2 ** 26;
/** Bytes of weights that may wait in the queue. */
const UPLOAD_BACKLOG = 2 ** 26;
const NONE = 0xffffffff;

/** Rows of one dispatch. */
interface Window {
  readonly index: number;
  readonly first: number;
  readonly rows: number;
}

/** A part of a buffer, from where it may be bound, and how many words there are before what is meant. */
interface Part {
  readonly resource: { buffer: GPUBuffer; offset: number; size: number };
  readonly at: number;
}

/**
 * `dispatchWork`: coordinate differences that a dispatch may cost; `kernels`: for tests.
 * @throws InvalidInputError with the place of what is no finite number; OutOfMemoryError, GpuError,
 *   DeviceLostError, EngineUnavailableError where the device computes wrongly
 */
export async function layOnDevice(
  points: GpuRows,
  options: LayInPlaceOptions & { dispatchWork: number },
  kernels: Readonly<Record<LayKernelName, LayKernel>> = LAY_KERNELS,
): Promise<Omit<LaidPoints, 'distances'>> {
  const weights = integerWeights(options.weights, points.rows);
  const layer = new Layer(points, weights.weights, options, kernels);
  try {
    await layer.open();
    const ends = await layer.range();
    const sums = await layer.stepSums(ends);
    const frame = frameOf(ends, centresOf(ends, sums, weights.totalWeight), options);
    const columnExponents = columnExponentsOf(frame, ends);
    const moments = await layer.lay(frame, columnExponents);
    const grid = factsOf(points.rows, frame, weights, columnExponents, moments);
    const { device } = points;
    return {
      grid,
      lanes: null,
      placed: { device, buffer: () => layer.laid, leave: () => layer.leave() },
      values: () => layer.values(),
      gather: (rows) => layer.gather(rows),
      dispose: () => layer.dispose(),
    };
  } catch (error) {
    layer.dispose();
    throw error;
  }
}

class Layer {
  /** The values; null before there are any, and once they left. */
  laid: GPUBuffer | null = null;
  readonly #points: GpuRows;
  readonly #device: GPUDevice;
  readonly #weights: Uint32Array | null;
  readonly #signal: AbortSignal | undefined;
  readonly #kernels: Readonly<Record<LayKernelName, LayKernel>>;
  readonly #watch: Watch;
  readonly #readback: Readback;
  readonly #windows: Window[];
  /** Most bytes of a binding, from where it may begin. */
  readonly #bindable: number;
  readonly #made = new Set<GPUBuffer>();
  #pipelines!: Record<LayKernelName, Pipeline>;
  /** What kernels bind beside points. */
  #bound: Partial<Record<Binding, GPUBuffer>> = {};
  /** Where a window is copied to that may not be bound. */
  #copied: GPUBuffer | null = null;
  #home: Promise<Float32Array> | null = null;
  #backlog = 0;

  constructor(
    points: GpuRows,
    weights: Uint32Array | null,
    { dispatchWork, signal }: { dispatchWork: number; signal?: AbortSignal | undefined },
    kernels: Readonly<Record<LayKernelName, LayKernel>>,
  ) {
    const { device, rows, columns } = points;
    this.#points = points;
    this.#device = device;
    this.#weights = weights;
    this.#signal = signal;
    this.#kernels = kernels;
    this.#watch = new Watch(device, false);
    this.#readback = new Readback(device);
    const { limits } = device;
    this.#bindable =
      Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) -
      limits.minStorageBufferOffsetAlignment;
    const most = Math.min(dispatchWork / DIFFERENCES, this.#bindable / 4);
    const inWindow = Math.max(1, Math.floor(most / columns));
    this.#windows = Array.from({ length: Math.ceil(rows / inWindow) }, (_, index) => {
      const first = index * inWindow;
      return { index, first, rows: Math.min(inWindow, rows - first) };
    });
  }

  #guard<T>(what: string, calls: () => T): Promise<T> {
    return this.#watch.guard(what, calls, this.#signal);
  }

  #survive<T>(promise: Promise<T>): Promise<T> {
    return this.#watch.survive(promise, this.#signal);
  }

  /** Compiles the kernels and makes the buffers. */
  async open(): Promise<void> {
    const { rows, columns, buffer } = this.#points;
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
    const found = 4 * Math.max(2 * columns + this.#windows.length, 5 * columns);
    const most = Math.max(found, 16 * columns);
    if (most > this.#bindable)
      throw new OutOfMemoryError(
        `the statistics of ${columns} columns are ${most} bytes; expected at most ${this.#bindable} on this ` +
          'GPU (maxStorageBufferBindingSize). Use fewer columns.',
      );
    const inPlace = (buffer.usage & STORAGE) !== 0;
    if (!inPlace && (buffer.usage & COPY_SRC) === 0)
      refuse(
        'buffer.usage',
        buffer.usage,
        'GPUBufferUsage.STORAGE or GPUBufferUsage.COPY_SRC in it',
        'Create the buffer with GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC.',
      );
    const pipelines = Pipelines.of(this.#device);
    await selfTest(borrowDevice(this.#device), this.#watch, pipelines);
    const constants = layConstants(this.#weights !== null);
    const names = Object.keys(LAY_KERNELS) as LayKernelName[];
    const compiled = await this.#survive(
      Promise.all(
        names.map((name) => {
          const kernel = this.#kernels[name];
          return pipelines.make(name, kernel, async () => kernel.files.join('\n'), constants[name]);
        }),
      ),
    );
    this.#pipelines = Object.fromEntries(names.map((name, i) => [name, compiled[i]])) as Record<
      LayKernelName,
      Pipeline
    >;
    const [{ rows: inWindow }] = this.#windows;
    await this.#guard('allocating', () => {
      this.laid = this.#create('points', 4 * rows * columns, STORAGE | COPY_SRC);
      this.#bound = {
        laying: this.#create('laying', 4 * LAYING_WORDS, UNIFORM | COPY_DST),
        columnFacts: this.#create('columnFacts', 16 * columns, STORAGE | COPY_DST),
        found: this.#create('found', found, STORAGE | COPY_DST | COPY_SRC),
        // bound also where it is not read
        weights: this.#create('weights', this.#weights ? 4 * inWindow : 4, STORAGE | COPY_DST),
      };
      if (!inPlace)
        this.#copied = this.#create('window', 4 * inWindow * columns, STORAGE | COPY_DST);
    });
  }

  #create(label: string, size: number, usage: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ label, size, usage });
    this.#made.add(buffer);
    return buffer;
  }

  #free(...buffers: GPUBuffer[]): void {
    for (const buffer of buffers) {
      buffer.destroy();
      this.#made.delete(buffer);
    }
  }

  /** First pass: the ends of every column. @throws InvalidInputError with the first that is no number */
  async range(): Promise<Ends> {
    const { columns } = this.#points;
    const start = new Uint32Array(2 * columns + this.#windows.length).fill(NONE);
    start.fill(0, columns, 2 * columns);
    const found = await this.#pass('range', start);
    const bad = found.subarray(2 * columns).findIndex((place) => place !== NONE);
    if (bad >= 0) {
      const place = found[2 * columns + bad];
      await this.#refuse(this.#windows[bad].first + Math.floor(place / columns), place % columns);
    }
    return checkEnds({
      low: Float64Array.from(found.subarray(0, columns), numberOf),
      high: Float64Array.from(found.subarray(columns, 2 * columns), numberOf),
    });
  }

  async #refuse(row: number, column: number): Promise<never> {
    const one = { index: 0, first: row, rows: 1 };
    const values = await this.#pick(this.#source(one), Uint32Array.of(0), (encoder) =>
      this.#copyWindow(encoder, one),
    );
    checkRefused(values[column], row, column);
    return refuseNumber(values[column], row, column);
  }

  /** Second pass: Σ W · step of every column. */
  async stepSums(ends: Ends): Promise<Float64Array> {
    const { columns } = this.#points;
    const perUnit = stepsPerUnit(ends);
    const facts = new Float64Array(2 * columns);
    for (let t = 0; t < columns; t++) facts.set([ends.low[t], perUnit[t]], 2 * t);
    const found = await this.#pass('steps', new Uint32Array(2 * columns), facts.buffer);
    return Float64Array.from(
      { length: columns },
      (_, t) => found[2 * t] + found[2 * t + 1] * 2 ** 32,
    );
  }

  /** Third pass: values, and their moments. */
  async lay(frame: Frame, columnExponents: Int32Array): Promise<Moments> {
    const { columns } = this.#points;
    const facts = new DataView(new ArrayBuffer(16 * columns));
    for (let t = 0; t < columns; t++) {
      facts.setFloat64(16 * t, frame.centre[t], true);
      facts.setInt32(16 * t + 8, columnExponents[t], true);
    }
    const found = await this.#pass(
      'lay',
      new Uint32Array(5 * columns),
      facts.buffer,
      -frame.exponent,
    );
    this.#free(...Object.values(this.#bound), ...(this.#copied ? [this.#copied] : []));
    this.#bound = {};
    const words = (t: number, from: number, count: number) =>
      found
        .subarray(5 * t + from, 5 * t + from + count)
        .reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
    const each = <T>(of: (t: number) => T) => Array.from({ length: columns }, (_, t) => of(t));
    return {
      sums: each((t) => BigInt.asIntN(64, words(t, 0, 2))),
      squares: each((t) => words(t, 2, 3)),
    };
  }

  /** Runs a kernel over all windows; what it leaves in `found`, which begins as `start`. */
  async #pass(
    name: Exclude<LayKernelName, 'pick'>,
    start: Uint32Array<ArrayBuffer>,
    facts?: ArrayBuffer,
    lift = 0,
  ): Promise<Uint32Array> {
    const { queue } = this.#device;
    const { columns } = this.#points;
    const { found, columnFacts, laying, weights } = this.#bound;
    const weighted =
      this.#weights && 'weights' in LAY_KERNELS[name].bindings ? this.#weights : null;
    await this.#guard('laying points', () => {
      queue.writeBuffer(found!, 0, start);
      if (facts) queue.writeBuffer(columnFacts!, 0, facts);
    });
    for (const window of this.#windows) {
      const { index, first, rows } = window;
      const points = this.#source(window);
      const laid = this.#part(this.laid!, 0, first, rows);
      const abreast = Math.floor(LAY_WORKGROUP / Math.min(LAY_WORKGROUP, columns));
      const perGroup = Math.max(LEAST_ROWS * abreast, Math.ceil(rows / MOST_GROUPS));
      const words = [columns, rows, index, perGroup, points.at, laid.at, lift];
      await this.#guard('laying points', () => {
        if (weighted)
          queue.writeBuffer(weights!, 0, weighted as Uint32Array<ArrayBuffer>, first, rows);
        queue.writeBuffer(laying!, 0, Int32Array.from(words));
        const encoder = this.#device.createCommandEncoder({ label: name });
        this.#copyWindow(encoder, window);
        this.#encode(encoder, name, { points: points.resource, laid: laid.resource }, [
          Math.ceil(rows / perGroup),
          Math.ceil(columns / LAY_WORKGROUP),
        ]);
        queue.submit([encoder.finish()]);
      });
      if (weighted) await this.#written(4 * rows);
    }
    const [words] = await this.#bring('laying points', () => [
      { buffer: found!, bytes: start.byteLength },
    ]);
    return new Uint32Array(words);
  }

  /** So many bytes more wait in the queue: until they are taken, where they are too many. */
  async #written(bytes: number): Promise<void> {
    this.#backlog += bytes;
    if (this.#backlog < UPLOAD_BACKLOG) return;
    await this.#survive(this.#device.queue.onSubmittedWorkDone());
    this.#backlog = 0;
  }

  /** The caller's rows, where they may be bound. */
  #source({ first, rows }: Window): Part {
    const { buffer, offset } = this.#points;
    return this.#copied
      ? this.#part(this.#copied, 0, 0, rows)
      : this.#part(buffer, offset, first, rows);
  }

  /** Nothing where they may be bound. */
  #copyWindow(encoder: GPUCommandEncoder, { first, rows }: Window): void {
    const { buffer, offset, columns } = this.#points;
    const from = offset + 4 * first * columns;
    if (this.#copied) encoder.copyBufferToBuffer(buffer, from, this.#copied, 0, 4 * rows * columns);
  }

  #part(buffer: GPUBuffer, offset: number, first: number, rows: number): Part {
    const { columns } = this.#points;
    const start = offset + 4 * first * columns;
    const before = start % this.#device.limits.minStorageBufferOffsetAlignment;
    const size = before + 4 * rows * columns;
    return { resource: { buffer, offset: start - before, size }, at: before / 4 };
  }

  #encode(
    encoder: GPUCommandEncoder,
    name: LayKernelName,
    own: Partial<Record<Binding, GPUBufferBinding>>,
    groups: [number, number],
  ): void {
    const { pipeline, layout } = this.#pipelines[name];
    const group = this.#device.createBindGroup({
      label: name,
      layout,
      entries: bindingsOf(LAY_KERNELS[name]).map(({ binding, buffer }) => ({
        binding,
        resource: own[buffer] ?? { buffer: this.#bound[buffer]! },
      })),
    });
    const pass = encoder.beginComputePass({ label: name });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...groups);
    pass.end();
  }

  /** Records something and brings what it names home. */
  async #bring(
    what: string,
    record: (encoder: GPUCommandEncoder) => Region[],
  ): Promise<ArrayBuffer[]> {
    const { taken } = await this.#guard(what, () => {
      const encoder = this.#device.createCommandEncoder({ label: what });
      const take = this.#readback.copy(encoder, record(encoder));
      this.#device.queue.submit([encoder.finish()]);
      const taken = take();
      taken.catch(() => {}); // where guard rejects, nobody waits for it
      return { taken };
    });
    return this.#survive(taken);
  }

  /** Rows of a part, by their numbers there. */
  async #pick(
    points: Part,
    list: Uint32Array,
    before: (encoder: GPUCommandEncoder) => void = () => {},
  ): Promise<Float32Array> {
    const { columns } = this.#points;
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
    const { queue, limits } = this.#device;
    const bytes = 4 * list.length * columns;
    const made: GPUBuffer[] = [];
    const create = (label: Binding, size: number, usage: number) => {
      const buffer = this.#create(label, size, usage);
      made.push(buffer);
      return { buffer };
    };
    try {
      const [picked] = await this.#bring('gathering rows', (encoder) => {
        const own = {
          points: points.resource,
          rowOf: create('rowOf', list.byteLength, STORAGE | COPY_DST),
          laying: create('laying', 4 * LAYING_WORDS, UNIFORM | COPY_DST),
          laid: create('laid', bytes, STORAGE | COPY_SRC),
        };
        queue.writeBuffer(own.rowOf.buffer, 0, list as Uint32Array<ArrayBuffer>);
        const words = [columns, list.length, 0, 0, points.at, 0, 0];
        queue.writeBuffer(own.laying.buffer, 0, Int32Array.from(words));
        before(encoder);
        const groups = Math.ceil(bytes / 4 / LAY_WORKGROUP);
        const most = limits.maxComputeWorkgroupsPerDimension;
        this.#encode(encoder, 'pick', own, [Math.min(groups, most), 1]);
        return [{ buffer: own.laid.buffer, bytes }];
      });
      return new Float32Array(picked);
    } finally {
      this.#free(...made);
    }
  }

  /** The values of some rows, in the order asked for. */
  async gather(list: Uint32Array): Promise<Float32Array> {
    const { rows, columns } = this.#points;
    if (this.#home) return gatherRows({ data: await this.#home, columns }, list).data;
    const gathered = new Float32Array(list.length * columns);
    const inPart = Math.max(1, Math.floor(this.#bindable / (4 * columns)));
    const atOnce = Math.max(1, Math.min(inPart, Math.floor(PICK_BYTES / (4 * columns))));
    for (let first = 0; first < rows; first += inPart) {
      const end = Math.min(rows, first + inPart);
      const places = Uint32Array.from(list.keys()).filter(
        (place) => list[place] >= first && list[place] < end,
      );
      const part = this.#part(this.laid!, 0, first, end - first);
      for (let at = 0; at < places.length; at += atOnce) {
        const some = places.subarray(at, at + atOnce);
        const own = some.map((place) => list[place] - first);
        const values = await this.#pick(part, own);
        some.forEach((place, i) =>
          gathered.set(values.subarray(i * columns, (i + 1) * columns), place * columns),
        );
      }
    }
    return gathered;
  }

  /** All values, brought home once. */
  values(): Promise<Float32Array> {
    const { rows, columns } = this.#points;
    const bytes = 4 * rows * columns;
    return (this.#home ??= bringHome(
      this.#device,
      { buffer: this.laid!, offset: 0, bytes },
      this.#signal,
    ).then((whole) => new Float32Array(whole)));
  }

  /** Brings the values home and frees their buffer. */
  async leave(): Promise<void> {
    await this.values();
    if (this.laid) this.#free(this.laid);
    this.laid = null;
  }

  dispose(): void {
    this.#readback.dispose();
    this.#free(...this.#made);
    this.laid = null;
    this.#watch.release();
  }
}

/** The number that a key of shaders/range.wgsl stands for. */
function numberOf(key: number): number {
  BITS[0] = key >>> 31 ? key ^ 0x80000000 : ~key;
  return SINGLE[0];
}
const BITS = new Uint32Array(1);
const SINGLE = new Float32Array(BITS.buffer);
