/** Reads a CPU profile of a page's main thread: what kept it longest without a break, and where. */

export interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  /** Node that was running at each sample. */
  samples?: number[];
  /** Microseconds before each sample. */
  timeDeltas?: number[];
}

/** A time in which the main thread never rested; perhaps of more than one task. */
export interface Stretch {
  milliseconds: number;
  /** Where it was spent, most first: function, file and line of the built page. */
  where: { at: string; milliseconds: number }[];
}

const RESTING = '(idle)';

/** Stretches, longest first. */
export function busyStretches({ nodes, samples = [], timeDeltas = [] }: Profile): Stretch[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const stretches: Stretch[] = [];
  let spent = new Map<string, number>();
  const finish = () => {
    if (spent.size > 0) stretches.push(stretchOf(spent));
    spent = new Map();
  };
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)';
    if (name === RESTING) return finish();
    // a sample speaks for the time up to the next one
    const milliseconds = (timeDeltas[index + 1] ?? 0) / 1000;
    spent.set(name, (spent.get(name) ?? 0) + milliseconds);
  });
  finish();
  return stretches.sort((a, b) => b.milliseconds - a.milliseconds);
}

function stretchOf(spent: ReadonlyMap<string, number>): Stretch {
  const where = [...spent]
    .map(([at, milliseconds]) => ({ at, milliseconds }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
  const milliseconds = where.reduce((sum, one) => sum + one.milliseconds, 0);
  return { milliseconds, where: where.slice(0, 5) };
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName || '(anonymous)';
  const file = url.slice(url.lastIndexOf('/') + 1);
  return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
