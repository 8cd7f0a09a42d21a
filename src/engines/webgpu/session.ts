/**
 * A run on a GPU. The whole loop lives there: a batch of iterations is recorded at once, `converge`
 * stops it from within through the indirect arguments, and a status of 32 bytes comes back.
 *
 * An iteration is  (assign → settle → accumulate) a slice → census → divide → converge;
 * `narrow` or `compare` in place of assign where rows have few or many columns (plan.ts), and with the block
 * filter other kernels in place of the first three (block-filter.ts).
 * Between iterations sums, counts, near-tie counters and the state's counters are zero.
 *
 * Device memory: points 4 bytes a coordinate (or those of the chunks that stay there, see stream.ts),
 * labels 4 bytes a row (weights as many), near-ties 4 bytes a row of the longest slice, and buffers of
 * k × columns (plan.ts).
 */
import type {
  Algorithm,
  Assignment,
  Clustering,
  IterationRecord,
  Session,
  Status,
  Stop,
  Task,
} from '../../engine.ts';
import { OutOfMemoryError } from '../../errors.ts';
import { LABEL_BITS, powerOfTwo, runningInertia, toLabelGrid } from '../../grid.ts';
import { once } from '../../once.ts';
import type { BlockFilter, Dispatch, FilterHost, FilterWork } from './block-filter.ts';
import type { Watch } from './device.ts';
import {
  bindingsOf,
  FILTER_KERNELS,
  KERNELS,
  RELOCATION_KERNELS,
  type Binding,
  type KernelName,
} from './kernels.ts';
import {
  kernelConstants,
  packParams,
  packSlices,
  proposalOf,
  STATE_MOVED,
  STATE_STOP,
  updateOf,
  type Proposal,
  WINNER_ROW,
  workgroupsOf,
} from './parameters.ts';
import type { Pipeline, Pipelines } from './pipelines.ts';
import { DISPATCHES_AT_ONCE, noteWork, paced } from './pace.ts';
import {
  DISPATCHES_PER_SLICE,
  filterPays,
  SLICE_BYTES,
  STATUS_BYTES,
  WINNER_BYTES,
  type Plan,
} from './plan.ts';
import { Readback, type Region } from './readback.ts';
import { checkCentroids, checkCounts, checkLabels, checkStatus, checkTotal } from './sound.ts';
import type { PointStream } from './stream.ts';

/** What few runs need is loaded by the first that does. */
const filterModule = once(() => import('./block-filter.ts'));
const streamModule = once(() => import('./stream.ts'));

/** Restore points above this are not worth their way back: the run would restart from its seeds. */
const MAX_RESTORE_BYTES = 1 << 20;
/** Bytes that may wait in the queue while points are written to the GPU. */
const UPLOAD_BACKLOG = 64 << 20;
const UPLOAD_PIECE = 16 << 20;

/** Elections of a submission: thousands of clusters may want a row, and a driver has no such patience. */
const ELECTIONS_AT_ONCE = 256;
/** NO_ROW of shaders/shared/election.wgsl. */
const NO_ROW = 0xffffffff;
const NO_LABEL = 0xffffffff;

/** Codes of shaders/shared/state.wgsl, in their order. */
const STOPS: readonly (Stop | null)[] = [null, 'labels', 'tol', 'empty'];
const STOP_RELOCATE = 4;

/** Buffers that depend on how the rows are cut into slices. */
const OF_SLICES = ['slices', 'near', 'nearCounts', 'arguments', 'champions'] as const;

/** Kernels that compare every row with every centroid. */
const BRUTE: readonly KernelName[] = ['assign', 'compare', 'manhattan'];

/** What a run has cost, for whoever counts: tests, and the choice of the algorithm. */
export interface RunCounters {
  /** Dispatches of an ordinary iteration. */
  dispatches: number;
  /** Submissions of iterations, whose status the host waited for. */
  readbacks: number;
  /** Of the block filter, since centroids were placed; null without it. */
  filter: FilterWork | null;
  /** Centroids that rows and boxes were compared with in iterations, since centroids were placed. */
  compared: number;
  /** Bytes sent to the device and brought home since the session was opened, but for single words. */
  uploaded: number;
  readBack: number;
  /** What the work was laid out by: with it the bytes that kernels ask of memory are known. */
  plan: Plan;
}

/** A dispatch that is to come; by its number among the indirect arguments, or directly. */
type Step = readonly [dispatch: Dispatch, indirect: number | null];

export class WebGpuSession implements Session {
  readonly #device: GPUDevice;
  readonly #watch: Watch;
  readonly #task: Task;
  #plan: Plan;
  /** The same problem with other slices. */
  readonly #replan: Replan;
  readonly #dispatchMs: number;
  /** Most work of a submission. */
  #workAtOnce: number;
  #stream: PointStream | null = null;
  /** All points, where some are streamed. */
  #values: Float32Array = new Float32Array();
  /** Whether all chunks may be bound where they are laid. */
  readonly #inPlace: boolean;
  readonly #buffers = new Map<Binding, GPUBuffer>();
  readonly #points: GPUBuffer[] = [];
  /** All points, where they are laid on this device already. */
  readonly #laid: GPUBuffer | null;
  readonly #labels: GPUBuffer[] = [];
  readonly #weights: GPUBuffer[] = [];
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #readback: Readback;
  readonly #pipelines: Pipelines;
  readonly #kernels: Partial<Record<KernelName, Pipeline>>;
  /** Whether iterations begin with the filter, and whether it has yet to show that it pays. */
  #wantsFilter: boolean;
  #deciding: boolean;
  #filter: BlockFilter | null = null;
  #readbacks = 0;
  /** Dispatches of an iteration up to `census`, slice by slice: assign, settle, accumulate. */
  #forSlices: Dispatch[] = [];
  #single!: Record<'census' | 'divide' | 'converge', Dispatch>;
  #refill: Step[] | null = null;
  #arguments = new Uint32Array();
  #argumentsZeroed = true;
  #k = 0;
  #iteration = 0;
  #stop: Stop | null = null;
  /** Whether rows have labels. */
  #labelled = false;
  #empty = 0;
  #records: IterationRecord[] = [];

  private constructor(
    device: GPUDevice,
    watch: Watch,
    task: Task,
    { plan, replan, dispatchMs, dispatchWork }: Sizes,
    pipelines: Pipelines,
    kernels: Partial<Record<KernelName, Pipeline>>,
  ) {
    this.#device = device;
    this.#watch = watch;
    this.#task = task;
    this.#plan = plan;
    this.#replan = replan;
    this.#dispatchMs = dispatchMs;
    this.#workAtOnce = dispatchMs === Infinity ? Infinity : DISPATCHES_AT_ONCE * dispatchWork;
    this.#pipelines = pipelines;
    this.#kernels = kernels;
    this.#readback = new Readback(device);
    this.#wantsFilter = plan.blocks !== null;
    this.#deciding = task.algorithm === 'auto';
    const { placed } = task.points;
    this.#laid = placed?.device === device ? placed.buffer() : null;
    this.#inPlace =
      this.#laid !== null &&
      plan.chunks.every((chunk) => {
        const before = 4 * chunk.first * plan.columns;
        return before % device.limits.minStorageBufferOffsetAlignment === 0;
      });
  }

  get algorithm(): Algorithm {
    return this.#filter ? 'filtered' : 'lloyd';
  }

  /** Compiles what is missing, makes every buffer and uploads the points. */
  static async open(
    device: GPUDevice,
    watch: Watch,
    pipelines: Pipelines,
    task: Task,
    sizes: Sizes,
  ): Promise<WebGpuSession> {
    const constants = kernelConstants(sizes.plan, task.points.grid.weights !== null);
    const kernels = await watch.survive(
      compile(pipelines, constants, [
        proposal(task, sizes.plan),
        updateOf(sizes.plan),
        ...LOOP_KERNELS,
      ]),
      task.signal,
    );
    const session = new WebGpuSession(device, watch, task, sizes, pipelines, kernels);
    try {
      const { chunks, residentChunks } = sizes.plan;
      const stream = residentChunks < chunks.length ? await streamModule() : null;
      await session.#guard('allocating', () => session.#allocate(stream));
      await session.#upload();
      return session;
    } catch (error) {
      await session.dispose();
      throw error;
    }
  }

  /** Everything that a session asks of the device goes through here: see {@link Watch}. */
  #guard<T>(what: string, calls: () => T): Promise<T> {
    return this.#watch.guard(what, calls, this.#task.signal);
  }

  #survive<T>(promise: Promise<T>): Promise<T> {
    return this.#watch.survive(promise, this.#task.signal);
  }

  #create(label: Binding, size: number, usage: number): GPUBuffer {
    return this.#device.createBuffer({ label, size: Math.max(4, Math.ceil(size / 4) * 4), usage });
  }

  /** One of the buffers that exist once, by its name in the plan. */
  #createOnce(name: keyof Plan['bytes']): void {
    const { STORAGE, COPY_DST, COPY_SRC, UNIFORM, INDIRECT } = GPUBufferUsage;
    const binding = name === 'slices' ? 'slice' : name;
    const usage =
      name === 'slices' || name === 'params'
        ? UNIFORM | COPY_DST
        : STORAGE | COPY_DST | COPY_SRC | (name === 'arguments' ? INDIRECT : 0);
    this.#buffers.get(binding)?.destroy();
    this.#buffers.set(binding, this.#create(binding, this.#plan.bytes[name], usage));
  }

  #allocate(stream: { PointStream: typeof PointStream } | null): void {
    const { bytes, chunks, residentChunks } = this.#plan;
    const { columns, weights } = this.#task.points.grid;
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    for (const name of Object.keys(bytes) as (keyof Plan['bytes'])[]) this.#createOnce(name);
    if (stream) this.#stream = new stream.PointStream(this.#device, 4 * chunks[0].rows * columns);
    for (const [index, { rows }] of chunks.entries()) {
      if (index < residentChunks && !this.#inPlace)
        this.#points.push(this.#create('points', 4 * rows * columns, STORAGE | COPY_DST));
      this.#labels.push(this.#create('labels', 4 * rows, STORAGE | COPY_DST | COPY_SRC));
      if (weights) this.#weights.push(this.#create('weights', 4 * rows, STORAGE | COPY_DST));
    }
    // `accumulate` binds weights also where it does not read them
    if (!weights) this.#weights.push(this.#create('weights', 4, STORAGE));
    this.#bind();
  }

  #bind(): void {
    const { slices } = this.#plan;
    const names = [proposal(this.#task, this.#plan), 'settle', updateOf(this.#plan)] as const;
    this.#forSlices = slices.flatMap((slice) => names.map((name) => this.#dispatch(name, slice)));
    this.#single = {
      census: this.#dispatch('census'),
      divide: this.#dispatch('divide'),
      converge: this.#dispatch('converge'),
    };
    this.#refill = null;
    this.#setArguments();
  }

  /** An election for a vacant cluster, bound when the first is held. */
  async #openRelocation(): Promise<Step[]> {
    if (this.#refill) return this.#refill;
    await this.#compile(RELOCATION_KERNELS);
    const each = (name: KernelName) =>
      this.#plan.slices.map((slice) => this.#dispatch(name, slice));
    return this.#guard('relocating', () => {
      const dispatches = [...each('farthest'), this.#dispatch('elect'), ...each('relocate')];
      return (this.#refill = dispatches.map(directly));
    });
  }

  /** Kernels that only some runs need. */
  async #compile(names: readonly KernelName[]): Promise<void> {
    const constants = kernelConstants(this.#plan, this.#task.points.grid.weights !== null);
    const compiled = await this.#survive(compile(this.#pipelines, constants, names));
    Object.assign(this.#kernels, compiled);
  }

  /** The dispatches of an iteration up to `census`. */
  get #loop(): readonly Dispatch[] {
    return this.#filter?.loop ?? this.#forSlices;
  }

  #setArguments(): void {
    this.#arguments = Uint32Array.from(
      [...this.#loop, this.#single.divide].flatMap(({ groups }) => [...groups, 1]),
    );
    this.#argumentsZeroed = true;
  }

  /** Brings the rows in order, once. */
  async #openFilter(): Promise<void> {
    await this.#compile(FILTER_KERNELS);
    const { BlockFilter } = await filterModule();
    const host: FilterHost = {
      device: this.#device,
      task: this.#task,
      plan: this.#plan,
      guard: (what, calls) => this.#guard(what, calls),
      dispatch: (name, slice) => this.#dispatch(name, slice),
      encode: (pass, dispatch) => this.#encode(pass, directly(dispatch)),
    };
    this.#filter = new BlockFilter(host, this.#plan.blocks!);
    try {
      await this.#filter.open();
      await this.#filter.forget();
      this.#setArguments();
    } catch (error) {
      // brute force has all that it needs
      if (!this.#deciding || !(error instanceof OutOfMemoryError)) throw error;
      this.#dropFilter();
    }
  }

  #dropFilter(): void {
    this.#filter!.dispose();
    this.#filter = null;
    this.#wantsFilter = false;
    this.#setArguments();
  }

  /** After the first iteration: goes on by brute force where the filter spared too little. */
  async #decide(): Promise<void> {
    this.#deciding = false;
    const { rows } = this.#task.points.grid;
    if (filterPays(this.#work!.compared, rows, this.#k)) return;
    await this.#unfold();
    this.#dropFilter();
  }
  #work: FilterWork | null = null;

  /** Labels in the caller's order, where the filter keeps them in another. */
  async #unfold(): Promise<void> {
    const { unfold } = this.#filter!;
    await this.#guard('unfolding labels', () => {
      const encoder = this.#device.createCommandEncoder({ label: 'unfolding labels' });
      const pass = encoder.beginComputePass({ label: 'unfolding labels' });
      for (const dispatch of unfold) this.#encode(pass, directly(dispatch));
      pass.end();
      this.#device.queue.submit([encoder.finish()]);
    });
  }

  get counters(): RunCounters {
    return {
      dispatches: this.#loop.length + 3, // census, divide, converge
      readbacks: this.#readbacks,
      filter: this.#work,
      compared: this.#compared + (this.#work?.compared ?? 0),
      uploaded: this.#uploaded,
      readBack: this.#readBack,
      plan: this.#plan,
    };
  }
  /** Those of brute force. */
  #compared = 0;
  #uploaded = 0;
  #readBack = 0;

  /** A kernel with its buffers, told which slice by an offset. */
  #dispatch(name: KernelName, slice = this.#plan.slices[0]): Dispatch {
    const ofSlice = 'slice' in KERNELS[name].bindings;
    const { columns } = this.#task.points.grid;
    return {
      pipeline: this.#kernels[name]!.pipeline,
      group: this.#group(name, slice.chunk),
      chunk: 'points' in KERNELS[name].bindings ? slice.chunk : null,
      work: ofSlice ? slice.rows * columns * (BRUTE.includes(name) ? this.#k : 1) : 0,
      offsets: ofSlice ? [slice.index * this.#plan.sliceStride] : [],
      groups: workgroupsOf(name, this.#plan, slice),
    };
  }

  /** Slices of a chunk share the bind groups, of which there would be very many otherwise. */
  #group(name: KernelName, chunk: number): GPUBindGroup {
    const key = `${name} ${chunk}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = this.#device.createBindGroup({
        label: name,
        layout: this.#kernels[name]!.layout,
        entries: bindingsOf(KERNELS[name]).map(({ binding, buffer, access }) => ({
          binding,
          resource:
            access === 'slice'
              ? { buffer: this.#buffer(buffer), size: SLICE_BYTES }
              : this.#resource(buffer, chunk),
        })),
      });
      this.#groups.set(key, group);
    }
    return group;
  }

  #resource(name: Binding, chunk: number): GPUBufferBinding {
    if (name !== 'points' || !this.#inPlace) return { buffer: this.#buffer(name, chunk) };
    const { first, rows } = this.#plan.chunks[chunk];
    const bytes = 4 * this.#plan.columns;
    return { buffer: this.#laid!, offset: bytes * first, size: bytes * rows };
  }

  #buffer(name: Binding, chunk = 0): GPUBuffer {
    if (name === 'points') return this.#points[chunk] ?? this.#stream!.points;
    if (name === 'labels') return this.#labels[chunk];
    if (name === 'weights') return this.#weights[this.#task.points.grid.weights ? chunk : 0];
    return this.#filter?.buffer(name, chunk) ?? this.#buffers.get(name)!;
  }

  async #upload(): Promise<void> {
    const { grid } = this.#task.points;
    const { chunks } = this.#plan;
    await this.#guard('writing the slices', () => {
      this.#writeSlices();
      this.#device.queue.writeBuffer(
        this.#buffer('columnExponents'),
        0,
        grid.columnExponents as Int32Array<ArrayBuffer>,
      );
    });
    if (this.#laid) await this.#guard('copying points', () => this.#copyLaid(this.#laid!));
    const values = this.#laid ? null : await this.#task.points.values();
    if (this.#stream) this.#values = values!;
    for (const [index, { first, rows }] of chunks.entries()) {
      if (values && index < this.#plan.residentChunks)
        await this.#write(this.#points[index], values, first * grid.columns, rows * grid.columns);
      if (grid.weights) await this.#write(this.#weights[index], grid.weights, first, rows);
    }
  }

  /** Chunks that may not be bound where they are laid. */
  #copyLaid(laid: GPUBuffer): void {
    const { columns, chunks } = this.#plan;
    const encoder = this.#device.createCommandEncoder({ label: 'copying points' });
    this.#points.forEach((to, index) =>
      encoder.copyBufferToBuffer(laid, 4 * columns * chunks[index].first, to, 0, to.size),
    );
    this.#device.queue.submit([encoder.finish()]);
  }

  #writeSlices(): void {
    this.#device.queue.writeBuffer(this.#buffer('slice'), 0, packSlices(this.#plan));
  }

  /** Writes in pieces, so that the queue never holds a second copy of all the points. */
  async #write(
    to: GPUBuffer,
    from: Float32Array | Uint32Array,
    first: number,
    length: number,
  ): Promise<void> {
    const { queue } = this.#device;
    const piece = UPLOAD_PIECE / 4;
    for (let at = 0; at < length; at += piece) {
      const count = Math.min(piece, length - at);
      await this.#guard('uploading points', () =>
        queue.writeBuffer(to, 4 * at, from as Float32Array<ArrayBuffer>, first + at, count),
      );
      await this.#written(4 * count);
    }
  }

  /** So many bytes more wait in the queue: until they are taken, where they are too many. */
  async #written(bytes: number): Promise<void> {
    this.#backlog += bytes;
    this.#uploaded += bytes;
    if (this.#backlog < UPLOAD_BACKLOG) return;
    await this.#survive(this.#device.queue.onSubmittedWorkDone());
    this.#backlog = 0;
  }
  #backlog = 0;

  async place(centroids: Float32Array): Promise<void> {
    const { grid } = this.#task.points;
    this.#k = centroids.length / grid.columns;
    this.#iteration = 0;
    this.#stop = null;
    this.#empty = 0;
    this.#records = [];
    this.#readbacks = 0;
    this.#work = null;
    this.#compared = 0;
    this.#argumentsZeroed = true;
    const grids = Int32Array.from(centroids, toLabelGrid);
    this.#bind(); // the work of a dispatch depends on k
    await this.#guard('placing centroids', () => {
      const { queue } = this.#device;
      queue.writeBuffer(this.#buffer('centroids'), 0, centroids as Float32Array<ArrayBuffer>);
      queue.writeBuffer(this.#buffer('previous'), 0, centroids as Float32Array<ArrayBuffer>);
      queue.writeBuffer(this.#buffer('gridCentroids'), 0, grids);
      this.#writeParams();
      const encoder = this.#device.createCommandEncoder({ label: 'place' });
      for (const name of ['sums', 'counts', 'state', 'status', 'nearCounts'] as const)
        encoder.clearBuffer(this.#buffer(name));
      queue.submit([encoder.finish()]);
    });
    // under 'auto' only iterations are worth the order of the rows, and not a single look
    if (this.#wantsFilter && !this.#filter && !this.#deciding) await this.#openFilter();
    await this.#unlabel();
  }

  #writeParams(): void {
    const { grid } = this.#task.points;
    const params = packParams(this.#plan, grid, this.#task, this.#k);
    this.#device.queue.writeBuffer(this.#buffer('params'), 0, params);
  }

  /** No label yet: in the first iteration all of them will count as moved. */
  async #unlabel(): Promise<void> {
    this.#labelled = false;
    if (this.#filter) return this.#filter.forget();
    const { rows } = this.#task.points.grid;
    const none = new Uint32Array(Math.min(UPLOAD_PIECE / 4, rows)).fill(NO_LABEL);
    for (const [index, chunk] of this.#plan.chunks.entries())
      for (let at = 0; at < chunk.rows; at += none.length) {
        const count = Math.min(none.length, chunk.rows - at);
        await this.#guard('clearing labels', () =>
          this.#device.queue.writeBuffer(this.#labels[index], 4 * at, none, 0, count),
        );
        await this.#written(4 * count);
      }
  }

  async step(iterations: number): Promise<Status> {
    if (this.#wantsFilter && !this.#filter) await this.#openFilter();
    if (this.#iteration === 0 && this.#labelled) await this.#unlabel();
    let left = iterations;
    while (left > 0 && this.#stop === null) {
      const unread = this.#iteration - this.#records.length;
      if (unread + left > this.#plan.historyCapacity) await this.#readHistory();
      const before = this.#iteration;
      const deciding = this.#deciding && this.#filter !== null;
      const brute = this.#filter === null;
      // a converged run would go on to stream its points
      const most = this.#stream || deciding ? 1 : this.#plan.historyCapacity;
      const since = performance.now();
      const relocate = await this.#batch(Math.min(left, most));
      const milliseconds = performance.now() - since;
      if (relocate) await this.#runRelocation();
      else if (this.#stop === null) await this.#pace(milliseconds, this.#iteration - before);
      if (brute)
        this.#compared += (this.#iteration - before) * this.#task.points.grid.rows * this.#k;
      if (deciding) await this.#decide();
      left -= Math.max(1, this.#iteration - before);
    }
    return this.#status(await this.#previousCentroids());
  }

  /** Submits so many iterations and reads the status; true where clusters wait to be refilled. */
  async #batch(iterations: number): Promise<boolean> {
    if (this.#argumentsZeroed) await this.#guard('iterating', () => this.#restoreArguments());
    const { census, divide, converge } = this.#single;
    const iteration: Step[] = [
      ...this.#loop.map((dispatch, index) => [dispatch, index] as const),
      [census, null],
      [divide, this.#loop.length],
      [converge, null],
    ];
    const steps = Array.from({ length: iterations }, () => iteration);
    return this.#submit('iterating', steps, iterations);
  }

  /** Cuts the rows into other slices where dispatches took too long, or are needlessly many. */
  async #pace(milliseconds: number, passes: number): Promise<void> {
    // bringing points is no measure of the GPU, and what the filter spares none of its dispatches
    if (this.#stream || this.#wantsFilter || this.#dispatchMs === Infinity || passes === 0) return;
    const { slices } = this.#plan;
    const longest = Math.max(...this.#forSlices.map(({ work }) => work));
    const dispatchMs = this.#dispatchMs;
    const work = paced(longest, milliseconds, { slices: slices.length, passes, dispatchMs });
    if (work === longest) return;
    const plan = this.#replan(work);
    // of a single slice nobody knows how much of the time was waiting
    if (slices.length > 1) noteWork(this.#device, work);
    this.#workAtOnce = DISPATCHES_AT_ONCE * work;
    if (plan === null || plan.slices.length === slices.length) return;
    this.#plan = plan;
    await this.#guard('cutting slices', () => {
      for (const name of OF_SLICES) this.#createOnce(name);
      this.#groups.clear();
      this.#bind();
      this.#writeSlices();
      this.#writeParams();
    });
    this.#argumentsZeroed = true;
  }

  /**
   * The rest of an iteration in which clusters lost their points: one election a cluster, then the
   * division. The host does this because it is rare, and so that an ordinary iteration stays short.
   */
  async #runRelocation(): Promise<void> {
    const { queue } = this.#device;
    if (this.#filter) await this.#unfold();
    const election = await this.#openRelocation();
    await this.#guard('relocating', () => {
      queue.writeBuffer(this.#buffer('state'), STATE_STOP, new Uint32Array(1));
      queue.writeBuffer(this.#buffer('winner'), 0, new Uint32Array(this.#plan.bytes.winner / 4));
    });
    this.#argumentsZeroed = true;
    let left = this.#empty;
    for (; left > ELECTIONS_AT_ONCE; left -= ELECTIONS_AT_ONCE)
      if (!(await this.#elect(repeated(election, ELECTIONS_AT_ONCE)))) left = 0;
    const { divide, converge } = this.#single;
    const steps = [repeated(election, left), [divide, converge].map(directly)];
    await this.#submit('relocating', steps, 1);
  }

  /** Elections alone; false where no row is left to give. */
  async #elect(elections: readonly Step[]): Promise<boolean> {
    const region = { buffer: this.#buffer('winner'), bytes: WINNER_BYTES };
    const [winner] = await this.#bring('relocating', [region], [elections]);
    return new Uint32Array(winner)[WINNER_ROW / 4] !== NO_ROW;
  }

  /** Takes all these steps, of so many iterations, and takes over the status they leave. */
  async #submit(
    what: string,
    steps: readonly (readonly Step[])[],
    iterations: number,
  ): Promise<boolean> {
    const regions = [{ buffer: this.#buffer('status'), bytes: STATUS_BYTES }];
    if (this.#filter)
      regions.push({ buffer: this.#buffer('work'), bytes: this.#plan.blocks!.bytes.work });
    const [bytes, work] = await this.#bring(what, regions, steps);
    this.#readbacks++;
    if (this.#filter) this.#work = this.#filter.work(work);
    const words = new Uint32Array(bytes);
    const code = words[1] & 0xff;
    this.#empty = words[1] >>> 8;
    if (code === STOP_RELOCATE) {
      this.#iteration = words[0]; // of those before the one that is not done yet
      return true;
    }
    checkStatus(words[0] - this.#iteration, iterations, code === 0);
    this.#stop = STOPS[code];
    this.#last = this.#record(bytes, 0);
    this.#iteration = words[0];
    if (this.#stop !== null) this.#argumentsZeroed = true;
    return false;
  }
  #last: IterationRecord | null = null;

  #status(previous: Float32Array | null): Status {
    return {
      iteration: this.#iteration,
      stop: this.#stop,
      last: this.#iteration > 0 ? this.#last : null,
      empty: this.#empty,
      restorePoint: previous && { centroids: previous, history: this.#records.slice() },
    };
  }

  /** What a restore point needs, where the task asks for one that is small enough. */
  async #previousCentroids(): Promise<Float32Array | null> {
    const bytes = 4 * this.#k * this.#task.points.grid.columns;
    const { restorePoints } = this.#task;
    if (!restorePoints || (restorePoints !== 'all' && bytes > MAX_RESTORE_BYTES)) return null;
    await this.#readHistory();
    const [previous] = await this.#bring('reading back', [
      { buffer: this.#buffer('previous'), bytes },
    ]);
    return new Float32Array(previous);
  }

  #restoreArguments(): void {
    this.#device.queue.writeBuffer(this.#buffer('arguments'), 0, this.#arguments);
    this.#argumentsZeroed = false;
  }

  /** The first `kernels` of assign, settle, accumulate on every slice. */
  #ofSlices(kernels: number): Dispatch[] {
    return this.#forSlices.filter((_, index) => index % DISPATCHES_PER_SLICE < kernels);
  }

  #encode(pass: GPUComputePassEncoder, [dispatch, indirect]: Step): void {
    pass.setPipeline(dispatch.pipeline);
    pass.setBindGroup(0, dispatch.group, dispatch.offsets);
    if (indirect === null) pass.dispatchWorkgroups(...dispatch.groups);
    else pass.dispatchWorkgroupsIndirect(this.#buffer('arguments'), 12 * indirect);
  }

  async assign(): Promise<Assignment> {
    return this.#lookAtLabels(async () => ({ labels: await this.#readLabels() }));
  }

  /** The pass of {@link assign} over labels that are brought here for it, with pipelines of its own. */
  async assignSecond(labels: Uint32Array): Promise<Assignment> {
    const constants = kernelConstants(this.#plan, false, true); // none looks at weights
    const names = [proposal(this.#task, this.#plan), 'settle'] as const;
    const kernels = await this.#survive(compile(this.#pipelines, constants, names));
    const dispatches = this.#plan.slices.flatMap((slice) =>
      names.map((name) => ({
        ...this.#dispatch(name, slice),
        pipeline: kernels[name].pipeline,
      })),
    );
    return this.#look(dispatches, async () => ({ labels: await this.#readLabels() }), labels);
  }

  async read(without?: 'labels'): Promise<Clustering> {
    await this.#readHistory();
    const cells = this.#k * this.#task.points.grid.columns;
    const dispatches = this.#filter ? this.#filteredLook : this.#forSlices;
    return this.#look(dispatches, async () => {
      const [centroids, sums, counts] = await this.#bring('reading back', [
        { buffer: this.#buffer('centroids'), bytes: 4 * cells },
        { buffer: this.#buffer('sums'), bytes: 8 * cells },
        { buffer: this.#buffer('counts'), bytes: 4 * this.#k },
      ]);
      const clustering = {
        labels: without ? new Uint32Array() : await this.#readLabels(),
        centroids: new Float32Array(centroids),
        sums: new BigInt64Array(sums),
        counts: new Uint32Array(counts),
        history: this.#records.slice(),
      };
      checkCentroids(clustering.centroids);
      const { grid } = this.#task.points;
      if (without) checkTotal(grid.totalWeight, clustering.counts);
      else checkCounts(grid, clustering.counts, clustering.labels);
      return clustering;
    });
  }

  get #filteredLook(): Dispatch[] {
    return [...this.#filter!.loop, ...this.#filter!.unfold];
  }

  async handOver(centroids: Float32Array): Promise<{ labels: GPUBuffer; centroids: GPUBuffer }> {
    const made: GPUBuffer[] = [];
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    const make = (label: Binding, size: number) => {
      const buffer = this.#create(label, size, STORAGE | COPY_DST | COPY_SRC);
      made.push(buffer);
      return buffer;
    };
    try {
      return await this.#lookAtLabels(() =>
        this.#guard('handing over', () => {
          const theirs = {
            labels: make('labels', 4 * this.#task.points.grid.rows),
            centroids: make('centroids', centroids.byteLength),
          };
          this.#copyLabels(theirs.labels);
          this.#device.queue.writeBuffer(
            theirs.centroids,
            0,
            centroids as Float32Array<ArrayBuffer>,
          );
          return theirs;
        }),
      );
    } catch (error) {
      for (const buffer of made) buffer.destroy();
      throw error;
    }
  }

  async readInto(labels: GPUBuffer): Promise<Float32Array> {
    const bytes = 4 * this.#k * this.#task.points.grid.columns;
    return this.#lookAtLabels(async () => {
      await this.#guard('handing over', () => this.#copyLabels(labels));
      const [bits] = await this.#bring('reading back', [
        { buffer: this.#buffer('centroids'), bytes },
      ]);
      const centroids = new Float32Array(bits);
      checkCentroids(centroids);
      return centroids;
    });
  }

  #lookAtLabels<T>(take: () => Promise<T>): Promise<T> {
    return this.#look(this.#filter ? this.#filteredLook : this.#ofSlices(2), take);
  }

  #copyLabels(to: GPUBuffer): void {
    const encoder = this.#device.createCommandEncoder({ label: 'handing over' });
    for (const [index, { first, rows }] of this.#plan.chunks.entries())
      encoder.copyBufferToBuffer(this.#labels[index], 0, to, 4 * first, 4 * rows);
    this.#device.queue.submit([encoder.finish()]);
  }

  /**
   * Runs kernels on the slices, over `labels` where they are given, lets `take` read, and leaves
   * everything as it was: the labels, too, where iterations may follow that compare with them.
   */
  async #look<T>(
    dispatches: readonly Dispatch[],
    take: () => Promise<T>,
    labels?: Uint32Array,
  ): Promise<T> {
    const kept: GPUBuffer[] = [];
    // the filter's iterations do not compare with the labels in the caller's order
    const compared = this.#filter ? (labels ? [] : this.#filter.labels) : this.#labels;
    const swap = (encoder: GPUCommandEncoder, back: boolean) =>
      kept.forEach((copy, index) => {
        const [from, to] = back ? [copy, compared[index]] : [compared[index], copy];
        encoder.copyBufferToBuffer(from, 0, to, 0, copy.size);
      });
    try {
      if (this.#stop === null && this.#iteration > 0)
        await this.#guard('keeping labels', () => {
          const encoder = this.#device.createCommandEncoder({ label: 'keeping labels' });
          for (const { size } of compared)
            kept.push(
              this.#device.createBuffer({
                label: 'labels kept',
                size,
                usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
              }),
            );
          swap(encoder, false);
          this.#device.queue.submit([encoder.finish()]);
        });
      this.#labelled = true;
      if (labels)
        for (const [index, { first, rows }] of this.#plan.chunks.entries())
          await this.#write(this.#labels[index], labels, first, rows);
      await this.#bring('assigning', [], [dispatches.map(directly)]);
      const taken = await take();
      await this.#guard('assigning', () => {
        const encoder = this.#device.createCommandEncoder({ label: 'leaving all as it was' });
        swap(encoder, true);
        for (const name of ['sums', 'counts', 'nearCounts'] as const)
          encoder.clearBuffer(this.#buffer(name));
        encoder.clearBuffer(this.#buffer('state'), STATE_MOVED, 4);
        this.#device.queue.submit([encoder.finish()]);
      });
      return taken;
    } finally {
      for (const buffer of kept) buffer.destroy();
    }
  }

  async #readLabels(): Promise<Uint32Array> {
    const labels = new Uint32Array(this.#task.points.grid.rows);
    for (const [index, { first, rows }] of this.#plan.chunks.entries()) {
      const [chunk] = await this.#bring('reading back', [
        { buffer: this.#labels[index], bytes: 4 * rows },
      ]);
      labels.set(new Uint32Array(chunk), first);
    }
    return checkLabels(labels, this.#k);
  }

  /** Brings the records home that the ring still holds. */
  async #readHistory(): Promise<void> {
    const capacity = this.#plan.historyCapacity;
    if (this.#records.length === this.#iteration) return;
    const [ring] = await this.#bring('reading back', [
      { buffer: this.#buffer('history'), bytes: STATUS_BYTES * capacity },
    ]);
    for (let i = this.#records.length; i < this.#iteration; i++)
      this.#records.push(this.#record(ring, STATUS_BYTES * (i % capacity)));
  }

  /** A Status record of the device in the host's units. */
  #record(bytes: ArrayBuffer, offset: number): IterationRecord {
    const { grid } = this.#task.points;
    const words = new Uint32Array(bytes, offset, STATUS_BYTES / 4);
    const [shift] = new Float32Array(bytes, offset + 12, 1);
    const explained = words
      .subarray(4)
      .reduce((sum, word, index) => sum + (BigInt(word) << BigInt(32 * index)), 0n);
    return {
      iteration: words[0],
      moved: words[2],
      shift: shift * powerOfTwo(2 * (grid.exponent - LABEL_BITS)),
      inertia: runningInertia(grid, explained),
    };
  }

  /**
   * Takes steps and then brings some buffers home: in one submission, or where that would be too much
   * for a driver's patience, or where points are streamed in between, in several.
   */
  async #bring(
    what: string,
    regions: readonly Region[],
    steps: readonly (readonly Step[])[] = [],
  ): Promise<ArrayBuffer[]> {
    const parts = this.#parts(steps);
    const last = parts.pop() ?? { chunk: null, steps: [] };
    for (const part of parts) await this.#send(what, part);
    const { taken } = await this.#send(what, last, regions);
    for (const { bytes } of regions) this.#readBack += bytes;
    return this.#survive(taken);
  }

  /** Steps by submission. */
  #parts(steps: readonly (readonly Step[])[]): Part[] {
    const parts: Part[] = [];
    let part: Part | null = null;
    let work = 0;
    for (const some of steps)
      for (const step of some) {
        const [{ chunk, work: own }] = step;
        const streamed = chunk !== null && chunk >= this.#plan.residentChunks ? chunk : null;
        // a part streams the chunk that its first step needs
        const other = streamed !== null && part !== null && streamed !== part.chunk;
        if (part === null || other || (work > 0 && work + own > this.#workAtOnce)) {
          part = { chunk: streamed, steps: [] };
          parts.push(part);
          work = 0;
        }
        part.steps.push(step);
        work += own;
      }
    return parts;
  }

  /** One submission. `taken`: the bytes of some buffers as they are after it. */
  async #send(
    what: string,
    { chunk, steps }: Part,
    regions: readonly Region[] = [],
  ): Promise<{ taken: Promise<ArrayBuffer[]> }> {
    const needed = chunk === this.#streamed ? null : chunk;
    if (needed !== null) await this.#survive(this.#stream!.ready);
    return this.#guard(what, () => {
      const encoder = this.#device.createCommandEncoder({ label: what });
      const sent = needed === null ? null : this.#bringChunk(needed, encoder);
      if (steps.length > 0) {
        const pass = encoder.beginComputePass({ label: what });
        for (const step of steps) this.#encode(pass, step);
        pass.end();
      }
      const take = this.#readback.copy(encoder, regions);
      this.#device.queue.submit([encoder.finish()]);
      sent?.();
      const taken = take();
      taken.catch(() => {}); // where guard rejects, nobody waits for it
      return { taken };
    });
  }

  #bringChunk(chunk: number, encoder: GPUCommandEncoder): () => void {
    const { columns } = this.#task.points.grid;
    const { first, rows } = this.#plan.chunks[chunk];
    const values = this.#values.subarray(first * columns, (first + rows) * columns);
    this.#streamed = chunk;
    this.#uploaded += values.byteLength;
    return this.#stream!.bring(values, encoder);
  }
  /** The chunk that the stream has on the device. */
  #streamed: number | null = null;

  async dispose(): Promise<void> {
    this.#readback.dispose();
    this.#stream?.destroy();
    this.#filter?.dispose();
    for (const buffer of [
      ...this.#buffers.values(),
      ...this.#points,
      ...this.#labels,
      ...this.#weights,
    ])
      buffer.destroy();
    this.#buffers.clear();
    for (const list of [this.#points, this.#labels, this.#weights]) list.length = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** What a session is laid out by. */
export interface Sizes {
  readonly plan: Plan;
  readonly replan: Replan;
  /** How long a dispatch should take, and its work before that is known. */
  readonly dispatchMs: number;
  readonly dispatchWork: number;
}

/** The same plan with slices for so much work a dispatch; null where that does not fit. */
type Replan = (dispatchWork: number) => Plan | null;

/** Steps of one submission, and the chunk that is brought for them. */
interface Part {
  readonly chunk: number | null;
  readonly steps: Step[];
}

const repeated = (steps: readonly Step[], times: number): Step[] =>
  Array.from({ length: times }, () => steps).flat();

const directly = (dispatch: Dispatch): Step => [dispatch, null];

/** The kernel that comes first: it leaves `settle` near-ties, or decides by itself. */
function proposal({ distance }: Task, plan: Plan): 'manhattan' | Proposal {
  return distance === 'manhattan' ? distance : proposalOf(plan);
}

/** Those of every run, beside the proposal and what adds up. */
const LOOP_KERNELS = ['settle', 'census', 'divide', 'converge'] as const satisfies KernelName[];

/** Compiles kernels side by side. */
async function compile<Name extends KernelName>(
  pipelines: Pipelines,
  constants: Record<Name, Record<string, number>>,
  names: readonly Name[],
): Promise<Record<Name, Pipeline>> {
  const compiling = names.map((name) => pipelines.get(name, constants[name]));
  await Promise.allSettled(compiling); // a failure leaves none behind that is yet to fail
  const compiled = await Promise.all(compiling);
  return Object.fromEntries(names.map((name, index) => [name, compiled[index]])) as Record<
    Name,
    Pipeline
  >;
}
