/** The Cluster tab: controls on one side, the worker's answers on the other, the stage between. */
import { byId, copy, debounced, factWriter, say } from '../dom.ts';
import { describe } from '../engine-list.ts';
import { count, duration, measure, plural, rough } from '../format.ts';
import type { EngineInfo } from '../../src/index.ts';
import type { FromClusterWorker, Pace, ToClusterWorker } from '../messages.ts';
import { setState } from '../page-state.ts';
import type { Board, InitName, Settings } from '../settings.ts';
import { slider } from '../slider.ts';
import { sizeStrip, sparkline } from './charts.ts';
import { snippet } from './snippet.ts';
import { Stage } from './stage.ts';

/** A thousand to ten million, three a decade. */
const POINTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].map((t) => t * 1000);
const DEBOUNCE_MS = 250;

const PHASES = {
  points: 'Making the points…',
  open: 'Opening the engine…',
  seed: 'Choosing the first centroids…',
  iterate: 'Clustering…',
  read: 'Reading the result…',
};

export interface ClusterTab {
  /** Begins the first run, or goes on to show what there is. */
  start(): void;
  /** The engine was changed in either tab. */
  restart(): void;
}

export function clusterTab(
  settings: Settings,
  onChange: () => void,
  onEngines: (engines: EngineInfo[]) => void,
): ClusterTab {
  const panel = byId('cluster', HTMLElement);
  const facts = factWriter(panel);
  const status = byId('status', HTMLElement);
  const alert = byId('alert', HTMLElement);
  const caption = byId('stage-points', HTMLElement);
  const code = byId('snippet', HTMLElement);
  const copyHash = byId('copy-hash', HTMLButtonElement);
  const [run, step, stop, restart] = ['run', 'step', 'stop', 'restart'].map((id) =>
    byId(id, HTMLButtonElement),
  );
  const sizes = sizeStrip(byId('sizes', HTMLElement));
  const spark = sparkline(byId('spark', SVGSVGElement));

  let worker: Worker | null = null;
  let job = 0;
  /** idle: no run; going: on its way to the end; holding: will hold; held: waits for the user. */
  let mode: 'idle' | 'going' | 'holding' | 'held' = 'idle';
  let hash = '';
  let inertias: number[] = [];
  let started = false;
  let pointsAreDrawn = true;
  const stage = new Stage(byId('stage', HTMLElement), {
    // The next picture is asked for once the last is on the screen.
    drawn: () => send({ type: 'drawn', job }),
    unavailable() {
      pointsAreDrawn = false;
      caption.textContent =
        'This browser has no WebGL: centroids and cells are drawn, the points are not.';
    },
  });

  const setMode = (next: typeof mode) => {
    mode = next;
    run.disabled = mode === 'going';
    stop.disabled = mode === 'idle' || mode === 'held' || mode === 'holding';
    panel.classList.toggle('busy', mode === 'going' || mode === 'holding');
  };

  const fail = (message: string) => {
    setMode('idle');
    setState('cluster', 'failed');
    say(alert, message);
    status.textContent = 'This run did not come to an end.';
  };

  const send = (message: ToClusterWorker) => worker?.postMessage(message);

  const openWorker = () => {
    worker = new Worker(new URL('./cluster-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromClusterWorker>) => listen(data);
    worker.onerror = (event) => {
      // The worker itself broke (out of memory, say): the next run gets a new one.
      event.preventDefault();
      worker?.terminate();
      worker = null;
      fail(`The worker stopped: ${event.message || 'the browser ended it'}. Try fewer points.`);
    };
  };

  const begin = (pace: Pace) => {
    if (!worker) openWorker();
    job++;
    inertias = [];
    hash = '';
    copyHash.disabled = true;
    spark.draw([]);
    stage.expectRun();
    panel.classList.add('stale');
    setState('cluster', 'loading');
    setMode(pace === 'run' ? 'going' : 'holding');
    say(alert, '');
    status.textContent = 'Getting ready…';
    facts({
      iterations: '0',
      time: '–',
      inertia: '–',
      hash: '–',
      engine: '–',
      adapter: '',
      pace: '',
    });
    const { board, n, k, seed, engine, init } = settings;
    const request = { board, n, k, seed, engine, init, sample: stage.sample };
    code.textContent = snippet(settings);
    send({ type: 'start', job, pace, request });
  };

  const setPace = (pace: Pace) => {
    if (mode === 'idle') return begin(pace);
    setMode(pace === 'run' ? 'going' : 'holding');
    status.textContent =
      pace === 'run' ? PHASES.iterate : pace === 'hold' ? 'Stopping…' : 'One iteration…';
    send({ type: 'pace', job, pace });
  };

  function listen(message: FromClusterWorker): void {
    if (message.type === 'engines') return onEngines(message.engines);
    if (message.job !== job) return;
    switch (message.type) {
      case 'points':
        tell(message.places.length / 2);
        stage.setPoints(message.places, message.bounds);
        break;
      case 'tick': {
        const { phase, iteration, inertia, seconds } = message;
        if (mode === 'going') {
          if (status.textContent !== PHASES[phase]) status.textContent = PHASES[phase];
        }
        if (phase === 'iterate' || phase === 'read') {
          if (mode !== 'held') setState('cluster', 'running');
          if (iteration > 0) {
            inertias.push(inertia);
            spark.draw(inertias);
            facts({
              iterations: count(iteration),
              time: duration(seconds),
              inertia: measure(inertia),
            });
          }
        }
        break;
      }
      case 'engine':
        tellEngine(message.engine);
        break;
      case 'picture':
        show(message.labels, message.centroids);
        break;
      case 'held':
        setMode('held');
        setState('cluster', 'loading');
        status.textContent =
          message.iteration === 0
            ? 'Stopped at the first centroids. Step does one iteration, Run does them all.'
            : `Stopped after ${plural(message.iteration, 'iteration')}. ` +
              'Step does one more, Run does the rest.';
        break;
      case 'done':
        finish(message);
        break;
      case 'failed':
        fail(message.message);
        break;
    }
  }

  function show(labels: Uint8Array<ArrayBuffer>, centroids: Float32Array): void {
    panel.classList.remove('stale');
    tell(labels.length);
    stage.setClusters(labels, centroids);
  }

  /** How many points the picture has. */
  function tell(drawn: number): void {
    if (!pointsAreDrawn) return;
    caption.textContent =
      drawn < settings.n
        ? `${rough(drawn)} of ${count(settings.n)} points drawn`
        : plural(settings.n, 'point');
  }

  function finish({
    labels,
    centroids,
    sizes: found,
    inertias: all,
    outcome,
  }: FromClusterWorker & { type: 'done' }): void {
    show(labels, centroids);
    sizes.draw(found, stage.colours);
    spark.draw([...all]);
    hash = outcome.hash;
    copyHash.disabled = false;
    facts({
      iterations: count(outcome.iterations),
      time: duration(outcome.seconds),
      inertia: measure(outcome.inertia),
      pace: `${duration(outcome.secondsPerIteration)} an iteration`,
      hash,
    });
    tellEngine(outcome.engine);
    status.textContent =
      outcome.stopReason === 'maxIter'
        ? `Finished at the most iterations, ${outcome.iterations}, still moving.`
        : `Converged after ${plural(outcome.iterations, 'iteration')}.`;
    setMode('idle');
    setState('cluster', 'converged');
  }

  function tellEngine(engine: string): void {
    facts({ engine });
    const mine = job;
    void describe(engine).then((adapter) => {
      if (mine === job) facts({ adapter });
    });
  }

  const rerun = debounced(() => {
    onChange();
    begin(mode === 'held' || mode === 'holding' ? 'hold' : 'run');
  }, DEBOUNCE_MS);
  const number = (value: number) => count(value);
  slider('n', POINTS, number, (n) => {
    settings.n = n;
    rerun();
  }).show(settings.n);
  slider('k', { least: 1, most: 256 }, number, (k) => {
    settings.k = k;
    rerun();
  }).show(settings.k);
  slider('seed', { least: 0, most: 100 }, number, (seed) => {
    settings.seed = seed;
    rerun();
  }).show(settings.seed);
  const board = byId('board', HTMLSelectElement);
  board.value = settings.board;
  board.addEventListener('change', () => {
    settings.board = board.value as Board;
    rerun();
  });
  const init = byId('init', HTMLSelectElement);
  init.value = settings.init;
  init.addEventListener('change', () => {
    settings.init = init.value as InitName;
    rerun();
  });
  byId('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());

  run.addEventListener('click', () => setPace('run'));
  step.addEventListener('click', () => setPace('step'));
  stop.addEventListener('click', () => setPace('hold'));
  restart.addEventListener('click', () => begin('hold'));
  byId('zoom-in', HTMLButtonElement).addEventListener('click', () => stage.zoomBy(1.6));
  byId('zoom-out', HTMLButtonElement).addEventListener('click', () => stage.zoomBy(1 / 1.6));
  byId('zoom-reset', HTMLButtonElement).addEventListener('click', () => stage.reset());
  const cells = byId('cells', HTMLInputElement);
  cells.addEventListener('change', () => stage.showCells(cells.checked));
  copyHash.addEventListener('click', () => {
    void copy(hash).then((copied) => {
      copyHash.textContent = copied ? 'Copied' : 'Not allowed';
      setTimeout(() => (copyHash.textContent = 'Copy'), 1500);
    });
  });

  return {
    start() {
      if (started) return;
      started = true;
      begin('run');
    },
    restart() {
      if (started) begin('run');
    },
  };
}
