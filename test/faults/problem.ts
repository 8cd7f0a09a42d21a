/** The run that is disturbed: small, but with every phase in it, a relocation included. */
import { kmeans, uniformBoard, type KMeansOptions, type KMeansResult } from '../../src/index.ts';
import { FaultyDevice, type Call } from '../support/faulty-device.ts';

const K = 7;
const points = uniformBoard(1500, { columns: 2, seed: 5 });
/** Two centroids apart, five in one place: four of those lose all their rows. */
const init = Array.from({ length: K }, (_, j) =>
  j === 0 ? [-0.9, -0.8] : [0.5, 0.5 + (j === 1 ? 0.3 : 0)],
);

/** Iteration by iteration, so that its calls do not depend on how fast it is. */
export function run(options: KMeansOptions): Promise<KMeansResult> {
  return kmeans(points, K, {
    init,
    maxIter: 5,
    tol: 0,
    margins: true,
    onProgress: () => Promise.resolve(),
    ...options,
  });
}

/** All that must not tell that a run was disturbed. */
export function outcome(result: KMeansResult) {
  const { hash, iterations, inertia, stopReason, history, secondLabels, margins } = result;
  return { hash, iterations, inertia, stopReason, history, secondLabels, margins };
}

/** As it comes out undisturbed. */
export const undisturbed = await run({ engine: 'reference' });

/** Resolves once everything that was set going has had its turn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** The calls of an undisturbed run: the first of a device, which compiles, and any later one. */
export async function callsOf(engine: 'webgpu'): Promise<{ first: Call[]; later: Call[] }> {
  const faulty = await FaultyDevice.open();
  await run({ engine, device: faulty.device });
  const first = faulty.calls;
  faulty.calls = [];
  await run({ engine, device: faulty.device });
  faulty.device.destroy();
  return { first, later: faulty.calls };
}

/** Where in them the kernels of a session are compiled, and its first buffer is made. */
export function compiledAt(calls: readonly Call[]): number {
  const some = calls.indexOf('createComputePipelineAsync', calls.indexOf('submit')); // past the self-test
  return calls.indexOf('createBuffer', Math.max(0, some));
}

/** Of some calls those to disturb a run at: every seventh, and fewer of one compilation after another. */
export function moments(calls: readonly Call[]): { call: Call; nth: number }[] {
  const compiled = compiledAt(calls);
  return calls
    .map((call, i) => ({ call, nth: i + 1 }))
    .filter(({ nth }) => nth % (nth < compiled ? 11 : 7) === 0);
}
