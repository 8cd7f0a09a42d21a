/**
 * The block filter of a run on a GPU: its buffers, the order of the rows, and the dispatches that take the
 * place of assign, settle and accumulate. Exact, and blind to most rows: shaders/shared/contest.wgsl.
 *
 * An iteration is  (shortlist → sift) a span → census → divide → converge.
 * Rows are ordered once, on the device, chunk by chunk:  plot → scan → gather → bound.
 *
 * Device memory, beside that of the session: the points once more, 8 bytes a row for places and labels, and
 * a tree of 16 bytes a coordinate a block, and lists of 4 bytes a candidate a superblock.
 */
import type { Task } from '../../engine.ts';
import { layCurve } from './curve.ts';
import type { Binding, KernelName } from './kernels.ts';
import { packBlocks } from './pack-blocks.ts';
import type { Plan, Slice } from './plan.ts';
import type { BlocksPlan } from './plan-blocks.ts';

/** A kernel with its buffers, and how many workgroups of it. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** The chunk whose points it reads, if it reads any. */
  readonly chunk: number | null;
  /** Coordinate differences. */
  readonly work: number;
  /** Dynamic offset of the slice, where the kernel is about one. */
  readonly offsets: number[];
  readonly groups: readonly [number, number];
}

/** What the filter asks of the session that it is part of. */
export interface FilterHost {
  readonly device: GPUDevice;
  readonly task: Task;
  readonly plan: Plan;
  guard<T>(what: string, calls: () => T): Promise<T>;
  /** With the filter's buffers bound where the kernel asks for them. */
  dispatch(name: KernelName, slice: Slice): Dispatch;
  encode(pass: GPUComputePassEncoder, dispatch: Dispatch): void;
}

/** What the filter has done since centroids were placed. */
export interface FilterWork {
  /** Centroids that boxes and rows were compared with. */
  compared: number;
  /** Blocks whose sums were added as they stand, in all iterations. */
  whole: number;
  /** Blocks whose rows were looked at. */
  mixed: number;
  /** Those of them that had too many candidates for workgroup memory. */
  crowded: number;
}

/** Rows that the curve is laid by. */
const SAMPLE = 1024;
const NO_LABEL = 0xffffffff;

export class BlockFilter {
  /** The dispatches of an iteration up to `census`. */
  loop: Dispatch[] = [];
  /** Those that write labels in the caller's order. */
  unfold: Dispatch[] = [];
  readonly #host: FilterHost;
  readonly #blocks: BlocksPlan;
  readonly #once = new Map<Binding, GPUBuffer>();
  readonly #chunked = new Map<Binding, GPUBuffer[]>();

  constructor(host: FilterHost, blocks: BlocksPlan) {
    this.#host = host;
    this.#blocks = blocks;
  }

  /** The filter's own buffer of that name, if it is one. */
  buffer(name: Binding, chunk: number): GPUBuffer | undefined {
    return this.#once.get(name) ?? this.#chunked.get(name)?.[chunk];
  }

  /** What an iteration leaves behind for the next one to compare with. */
  get labels(): GPUBuffer[] {
    return [...this.#chunked.get('orderedLabels')!, ...this.#chunked.get('tree')!];
  }

  /** Makes the buffers and brings the rows in order. */
  async open(): Promise<void> {
    const { device, plan, task, guard } = this.#host;
    await guard('allocating the block filter', () => this.#allocate());
    const { grid } = task.points;
    const count = Math.min(SAMPLE, grid.rows);
    const sample = await task.points.gather(
      Uint32Array.from({ length: count }, (_, i) => Math.floor((i * grid.rows) / count)),
    );
    const curve = layCurve(sample, grid.columns, this.#blocks.cellBits);
    const { spans } = this.#blocks;
    const { dispatch } = this.#host;
    this.loop = spans.flatMap((span) => [dispatch('shortlist', span), dispatch('sift', span)]);
    this.unfold = spans.map((span) => dispatch('unfold', span));
    await guard('ordering rows', () => {
      device.queue.writeBuffer(this.#once.get('blocks')!, 0, packBlocks(this.#blocks, curve));
      for (const tree of this.#chunked.get('tree')!)
        device.queue.writeBuffer(tree, 0, grid.columnExponents as Int32Array<ArrayBuffer>);
      const encoder = device.createCommandEncoder({ label: 'ordering rows' });
      plan.chunks.forEach((_, chunk) => {
        const own = spans.filter((span) => span.chunk === chunk);
        encoder.clearBuffer(this.#once.get('cells')!);
        const pass = encoder.beginComputePass({ label: 'ordering rows' });
        const all = (name: KernelName) => own.map((span) => dispatch(name, span));
        for (const one of [
          ...all('plot'),
          dispatch('scan', own[0]),
          ...all('gather'),
          ...all('bound'),
        ])
          this.#host.encode(pass, one);
        pass.end();
      });
      device.queue.submit([encoder.finish()]);
    });
    this.#once.get('cells')!.destroy();
    this.#once.delete('cells');
  }

  #allocate(): void {
    const { STORAGE, COPY_DST, COPY_SRC, UNIFORM } = GPUBufferUsage;
    const create = (label: Binding, size: number, usage: number) =>
      this.#host.device.createBuffer({ label, size, usage: usage | COPY_DST });
    const { bytes, chunkBytes } = this.#blocks;
    this.#once.set('blocks', create('blocks', bytes.blocks, UNIFORM));
    this.#once.set('cells', create('cells', bytes.cells, STORAGE));
    this.#once.set('work', create('work', bytes.work, STORAGE | COPY_SRC));
    for (const name of ['ordered', 'orderedLabels', 'rowOf', 'tree'] as const) {
      this.#chunked.set(name, []);
      for (const sizes of chunkBytes)
        this.#chunked.get(name)!.push(create(name, sizes[name], STORAGE | COPY_SRC));
    }
  }

  /** No row has a label any more: in the next iteration all of them will count as moved. */
  forget(): Promise<void> {
    const { device, guard } = this.#host;
    const { superLabels, superblocks, bytes } = this.#blocks;
    const none = new Uint32Array(superblocks).fill(NO_LABEL);
    return guard('clearing labels', () => {
      for (const tree of this.#chunked.get('tree')!)
        device.queue.writeBuffer(tree, 4 * superLabels, none);
      device.queue.writeBuffer(this.#once.get('work')!, 0, new Uint32Array(bytes.work / 4));
    });
  }

  /** The words of `work` in words. */
  work(bytes: ArrayBuffer): FilterWork {
    const [low, high, whole, mixed, crowded] = new Uint32Array(bytes);
    return { compared: high * 2 ** 32 + low, whole, mixed, crowded };
  }

  dispose(): void {
    for (const buffer of [...this.#once.values(), ...[...this.#chunked.values()].flat()])
      buffer.destroy();
    this.#once.clear();
    this.#chunked.clear();
  }
}
