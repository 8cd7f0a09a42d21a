/** A measurement never has times of a wrong answer: engines made to be wrong are found out. */
import { describe, expect, it } from 'vitest';
import { audit } from '../../bench/audit.ts';
import { findCases, scaled, type Case } from '../../bench/cases.ts';
import { makePoints } from '../../bench/data.ts';
import { measure, type MeasureOptions, type Measurement } from '../../bench/measure.ts';
import { agreed, label, table, type Run } from '../../bench/report.ts';
import type { Clustering, Engine, Session, Status, Task } from '../../src/engine.ts';
import { EngineUnavailableError, kmeans, openEngine } from '../../src/index.ts';

const CASE: Case = scaled(findCases(['C1-uniform'])[0], 0.002);

const OPTIONS: Omit<MeasureOptions, 'engine'> = {
  iterations: 5,
  repeats: 2,
  warmUps: 1,
  init: 'rows',
  seed: 0,
  maxSeconds: 60,
};

interface Tampering {
  place?: (session: Session, centroids: Float32Array) => Promise<void>;
  step?: (session: Session, iterations: number) => Promise<Status>;
  read?: (clustering: Clustering, fit: number) => Clustering;
}

/** The reference engine under another name, with its fingers in the till. */
async function tampered({ place, step, read }: Tampering): Promise<Engine> {
  const honest = await openEngine('reference');
  let fit = 0;
  return {
    ...honest,
    name: 'wasm',
    description: 'a fake',
    open: async (task: Task): Promise<Session> => {
      const session = await honest.open(task);
      fit++;
      return {
        algorithm: session.algorithm,
        place: (centroids) => (place ? place(session, centroids) : session.place(centroids)),
        step: (iterations) => (step ? step(session, iterations) : session.step(iterations)),
        assign: () => session.assign(),
        assignSecond: (labels) => session.assignSecond(labels),
        read: async () => {
          const clustering = await session.read();
          return read ? read(clustering, fit) : clustering;
        },
        dispose: () => session.dispose(),
        [Symbol.asyncDispose]: () => session.dispose(),
      };
    },
  };
}

async function measured(tampering: Tampering, options = OPTIONS): Promise<Measurement> {
  return measure(CASE, { ...options, engine: await tampered(tampering) });
}

function faultsOf(measurement: Measurement): string {
  expect(measurement.outcome).toBe('wrong');
  if (measurement.outcome !== 'wrong') throw new Error('unreachable');
  expect(Object.keys(measurement).sort()).toEqual(['faults', 'hash', 'outcome']);
  return measurement.faults.join('\n');
}

describe('measure', () => {
  it('tells what it found of a right answer', async () => {
    const measurement = await measure(CASE, {
      ...OPTIONS,
      engine: 'reference',
      peakMemory: () => 123,
    });
    expect(measurement).toMatchObject({
      outcome: 'measured',
      hardware: false,
      iterations: 5,
      repeats: 2,
      peakMemory: 123,
      pointBytes: 4 * 2 * 2000,
      againstReference: 0,
      audit: { faults: [], wrongLabels: 0, rowsSearched: 2000 },
    });
    if (measurement.outcome !== 'measured') throw new Error('unreachable');
    const { fit, firstFit, iteration, phases, gigaflops, gigabytes, audit } = measurement;
    expect(audit.inertiaRatio).toBeCloseTo(1, 6);
    for (const time of [fit.median, fit.least, fit.most, firstFit, iteration, gigabytes])
      expect(time).toBeGreaterThan(0);
    expect(fit.least).toBeLessThanOrEqual(fit.median);
    expect(fit.median).toBeLessThanOrEqual(fit.most);
    expect(iteration).toBeCloseTo(phases.iterate / 5, 9);
    expect(gigaflops * iteration * 1e6).toBeCloseTo(2 * 2000 * 16 * 2, 3);
  });

  it('takes seeding along where asked', async () => {
    const measurement = await measure(CASE, { ...OPTIONS, engine: 'reference', init: 'auto' });
    expect(measurement.outcome).toBe('measured');
  });

  it.each(findCases(['T1', 'T2', 'S1', 'C8']).map((each) => [each.name, each] as const))(
    'finds nothing wrong with %s',
    async (_, each) => {
      const few = scaled(each, 300 / each.rows);
      const measurement = await measure(few, { ...OPTIONS, repeats: 1, engine: 'reference' });
      expect(measurement).toMatchObject({ outcome: 'measured', audit: { faults: [] } });
    },
  );

  it('an honest engine of another name passes against the reference', async () => {
    expect(await measured({})).toMatchObject({ outcome: 'measured', againstReference: 0 });
  });

  it('refuses a wrong label', async () => {
    const faults = faultsOf(
      await measured({
        read: (clustering) => {
          clustering.labels[7] = (clustering.labels[7] + 1) % 16;
          return clustering;
        },
      }),
    );
    expect(faults).toContain('1 of 2000 rows have a nearer centroid');
    expect(faults).toContain('1 labels differ');
  });

  it('refuses a label that no centroid has', async () => {
    const faults = faultsOf(
      await measured({
        read: (clustering) => {
          clustering.labels[7] = 16;
          return clustering;
        },
      }),
    );
    expect(faults).toContain('shape');
  });

  it('refuses a centroid that is not a mean', async () => {
    const faults = faultsOf(
      await measured({
        read: (clustering) => {
          clustering.centroids[3] += 1e-5;
          return clustering;
        },
      }),
    );
    expect(faults).toContain('1 centroids are not the means');
  });

  it('refuses one wrong bit', async () => {
    const faults = faultsOf(
      await measured({
        read: (clustering) => {
          new Uint32Array(clustering.centroids.buffer)[3] ^= 1;
          return clustering;
        },
      }),
    );
    expect(faults).toBe('not the bits of the reference engine; 0 labels differ');
  });

  it('refuses sums that are not those of the points', async () => {
    const faults = faultsOf(
      await measured({
        read: (clustering) => {
          clustering.sums[0] += 1n << 34n;
          return clustering;
        },
      }),
    );
    expect(faults).toContain('in float64 it is');
  });

  it('refuses iterations that were not done', async () => {
    const faults = faultsOf(
      await measured({
        step: async (session, iterations) => {
          const status = await session.step(iterations);
          return { ...status, iteration: status.iteration + 1 };
        },
      }),
    );
    expect(faults).toContain('not the bits of the reference engine');
  });

  it('refuses an engine that gives up early', async () => {
    const faults = faultsOf(
      await measured({
        step: async (session, iterations) => ({ ...(await session.step(iterations)), stop: 'tol' }),
      }),
    );
    expect(faults).toContain('1 iterations instead of 5');
  });

  it('refuses other first centroids', async () => {
    const faults = faultsOf(
      await measured({
        place: (session, centroids) => session.place(centroids.map((value) => value * 0.9)),
      }),
    );
    expect(faults).toContain('did not start from the centroids it was given');
  });

  it('refuses what comes out differently the next time', async () => {
    const faults = faultsOf(
      await measured({
        read: (clustering, fit) => {
          if (fit === 3) new Uint32Array(clustering.centroids.buffer)[3] ^= 1;
          return clustering;
        },
      }),
    );
    expect(faults).toBe('the same fit gave other bits the next time');
  });

  it('refuses an answer whose iterations it has not seen', async () => {
    const result = await kmeans(makePoints(CASE, 0), CASE.k, { maxIter: 5, tol: 0 });
    const asked = { points: makePoints(CASE, 0), k: CASE.k, iterations: 5, init: null };
    const blind = { start: new Float32Array(), labels: new Uint32Array() };
    expect(audit(result, blind, asked).faults).toEqual(['its iterations could not be watched']);
  });

  it('says which engines cannot run, and why', async () => {
    const engine = await tampered({});
    engine.open = () => Promise.reject(new EngineUnavailableError('wasm', 'no such processor'));
    expect(await measure(CASE, { ...OPTIONS, engine })).toEqual({
      outcome: 'unavailable',
      reason: 'no such processor',
    });
  });

  it('measures out of core', async () => {
    const [outOfCore] = findCases(['O1']);
    const few = { ...scaled(outOfCore, 0.002), maxMemory: 2e6 }; // there is a least
    const measured = await measure(few, { ...OPTIONS, engine: 'wasm' });
    expect(measured).toMatchObject({ outcome: 'measured' });
  });

  it('gives up where there is no time', async () => {
    const forever = {
      step: (session: Session, iterations: number) =>
        new Promise<Status>((resolve) => setTimeout(() => resolve(session.step(iterations)), 300)),
    };
    expect(await measured(forever, { ...OPTIONS, maxSeconds: 0.1 })).toMatchObject({
      outcome: 'too long',
    });
  });

  it('passes failures on as what they are', async () => {
    const broken = { step: () => Promise.reject(new Error('out of paper')) };
    expect(await measured(broken)).toEqual({ outcome: 'failed', reason: 'out of paper' });
  });
});

describe('report', () => {
  const runOf = (engine: Run['engine'], measurement: Measurement): Run => ({
    case: CASE,
    engine,
    measurement,
  });

  it('takes the times away from an engine with other bits than the reference', async () => {
    const right = await measure(CASE, { ...OPTIONS, repeats: 1, engine: 'reference' });
    if (right.outcome !== 'measured') throw new Error('unreachable');
    const runs = agreed([
      runOf('wasm', { ...right, hash: 'ffff' }),
      runOf('reference', right),
      runOf('webgl', { outcome: 'unavailable', reason: 'none' }),
    ]);
    expect(runs[0].measurement).toEqual({
      outcome: 'wrong',
      hash: 'ffff',
      faults: [`hash ffff; reference has ${right.hash}`],
    });
    expect(runs[1].measurement).toBe(right);
    expect(table(runs)).toContain('WRONG: hash ffff');
    expect(table(runs)).toContain('unavailable: none');
  });

  it('calls no software adapter a GPU', async () => {
    const right = await measure(CASE, { ...OPTIONS, repeats: 1, engine: 'reference' });
    if (right.outcome !== 'measured') throw new Error('unreachable');
    const software: Measurement = { ...right, hardware: false, description: 'SwiftShader' };
    expect(label('webgpu', software)).toBe('webgpu (software, no GPU: SwiftShader)');
    const card: Measurement = { ...right, hardware: true, description: 'a card' };
    expect(label('webgpu', card)).toBe('webgpu (GPU: a card)');
    expect(label('reference', right)).toBe('reference');
  });
});
