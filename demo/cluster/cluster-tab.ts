/** The Cluster tab: controls on one side, the worker's answers on the other, the stage between. */
import { DATA_SETS, isDataSet } from '../data/data-sets.ts';
import { byId, copy, debounced, factWriter, say } from '../dom.ts';
import { describe } from '../engine-list.ts';
import { count, duration, measure, plural, rough, share } from '../format.ts';
import type { EngineInfo } from '../../src/index.ts';
import type { FromClusterWorker, Pace, ToClusterWorker } from '../messages.ts';
import { setState } from '../page-state.ts';
import { DEFAULTS, mostClusters, type Board, type InitName, type Settings } from '../settings.ts';
import { slider } from '../slider.ts';
import { inWords, sizeStrip } from './charts.ts';
import { ChooseK } from './choose-k.ts';
import './interaction.css';
import type { Answer, Moment } from './inquiry-messages.ts';
import { snippet } from './snippet.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';
import { Tools } from './tools.ts';

/** A thousand to ten million, three a decade. */
const POINTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].map((t) => t * 1000);
const DEBOUNCE_MS = 250;

const PHASES = {
  points: 'Making the points…',
  open: 'Opening the engine…',
  seed: 'Choosing the first centroids…',
  iterate: 'Clustering…',
  refine: 'Searching…',
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
  const cellsChoice = byId('cells-choice', HTMLElement);
  const copyHash = byId('copy-hash', HTMLButtonElement);
  const [run, step, stop, restart] = ['run', 'step', 'stop', 'restart'].map((id) =>
    byId(id, HTMLButtonElement),
  );
  const sizes = sizeStrip(byId('sizes', HTMLElement));

  let worker: Worker | null = null;
  let job = 0;
  /** idle: no run; going: on its way to the end; holding: will hold; held: waits for the user. */
  let mode: 'idle' | 'going' | 'holding' | 'held' = 'idle';
  let hash = '';
  let started = false;
  let pointsAreDrawn = true;
  /** First centroids that were placed by hand, k × columns. */
  let start: Float32Array | null = null;
  /** What the worker has sent points of. */
  let shown = { rows: 0, columns: 2, share: 1 };
  const stage = new Stage(byId('stage', HTMLElement), {
    // The next picture is asked for once the last is on the screen.
    drawn: () => send({ type: 'drawn', job }),
    unavailable() {
      pointsAreDrawn = false;
      tell(0);
    },
    moved: () => tools.redraw(),
  });
  const timeline = new Timeline({
    look: (iteration, head) => send({ type: 'look-back', job, iteration, head }),
    played: () => (mode === 'held' ? setPace('run') : enableButtons()),
    changed: () => enableButtons(),
  });
  const tools = new Tools(
    stage,
    byId('stage', HTMLElement),
    {
      place: (centroids) => placeCentroids(centroids),
      inspect: (outline) => send({ type: 'inspect', job, outline }),
    },
    (message) => say(alert, message),
  );
  const chooseK = new ChooseK(
    (kMax) => send({ type: 'choose-k', job, kMax }),
    () => send({ type: 'choose-k-cancel', job }),
    (k) => {
      settings.k = k;
      kSlider.show(k);
      rerun();
    },
  );

  const enableButtons = () => {
    run.disabled = mode === 'going' || timeline.isPlaying;
    stop.disabled = mode !== 'going' && !timeline.isPlaying;
  };

  const setMode = (next: typeof mode) => {
    mode = next;
    enableButtons();
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
      chooseK.forget();
      fail(`The worker stopped: ${event.message || 'the browser ended it'}. Try fewer points.`);
    };
  };

  const begin = (pace: Pace) => {
    if (!worker) openWorker();
    job++;
    hash = '';
    copyHash.disabled = true;
    timeline.clear();
    // Centroids that are put somewhere else stay in the hand.
    if (!start || pace !== 'hold') tools.setMoment(null);
    // Centroids placed by hand are on the screen already.
    if (!start) stage.expectRun();
    panel.classList.toggle('stale', !start);
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
    const { board, n, k, seed, engine, init, whiten } = settings;
    const request = { board, n, k, seed, engine, init, whiten, sample: stage.sample };
    if (start) Object.assign(request, { start });
    code.textContent = snippet(settings, start && { centroids: start, columns: shown.columns });
    send({ type: 'start', job, pace, request });
  };

  const setPace = (pace: Pace) => {
    if (mode === 'idle') return begin(pace);
    timeline.leave();
    tools.setMoment(null);
    setMode(pace === 'run' ? 'going' : 'holding');
    status.textContent =
      pace === 'run' ? PHASES.iterate : pace === 'hold' ? 'Stopping…' : 'One iteration…';
    send({ type: 'pace', job, pace });
  };

  function listen(message: FromClusterWorker): void {
    if (message.type === 'engines') return onEngines(message.engines);
    if (message.type === 'points') return take(message);
    if (message.type === 'choosing-k' || message.type === 'chosen-k' || message.type === 'no-k')
      return chooseK.hear(message);
    if (message.job !== job) return;
    switch (message.type) {
      case 'tick': {
        const { phase, iteration, inertia, seconds } = message;
        if (mode === 'going') {
          if (status.textContent !== PHASES[phase]) status.textContent = PHASES[phase];
        }
        if (phase === 'iterate' || phase === 'read') {
          if (mode !== 'held') setState('cluster', 'running');
          if (iteration > 0) {
            timeline.add(iteration, inertia, message.moved);
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
        rest(message);
        setMode('held');
        setState('cluster', 'loading');
        status.textContent =
          message.iteration === 0
            ? (start
                ? `Stopped at ${plural(settings.k, 'centroid')} placed by hand.`
                : 'Stopped at the first centroids.') +
              ' Step does one iteration, Run does them all.'
            : `Stopped after ${plural(message.iteration, 'iteration')}. ` +
              'Step does one more, Run does the rest.';
        break;
      case 'done':
        finish(message);
        break;
      case 'failed':
        fail(message.message);
        break;
      default:
        hear(message);
    }
  }

  /** What was asked beside the run. */
  function hear(answer: Answer): void {
    switch (answer.type) {
      case 'moment':
        if (mode === 'going' || mode === 'holding') break; // the run went on meanwhile
        timeline.saw(answer.iteration);
        if (!tools.isBusy) showMoment(answer);
        break;
      case 'history':
        timeline.complete(answer.inertias, answer.moves);
        break;
      case 'inside':
        tools.hear(answer);
        break;
      case 'no-answer':
        timeline.lost();
        say(alert, answer.message);
        break;
    }
  }

  /** The whole picture of a run that rests. */
  function rest(moment: Moment): void {
    timeline.rest(moment.iteration);
    if (!tools.isBusy) showMoment(moment);
  }

  function showMoment(moment: Moment): void {
    show(moment.labels, moment.centroids);
    sizes.draw(moment.sizes, stage.colours);
    tools.setMoment(moment);
  }

  /** The user put centroids where they are now: the run goes on from there, when it is told to. */
  function placeCentroids(centroids: Float32Array): void {
    start = centroids;
    settings.k = centroids.length / shown.columns;
    kSlider.show(settings.k);
    init.value = 'placed';
    onChange();
    begin('hold');
  }

  /** The worker has new points. Whichever job they were made for: the next may use them again. */
  function take({
    places,
    bounds,
    columns,
    share,
    plane,
  }: FromClusterWorker & { type: 'points' }): void {
    tools.setPoints(plane, columns);
    chooseK.forget();
    shown = { rows: places.length / 2, columns, share };
    tell(shown.rows);
    cellsChoice.hidden = columns > 2;
    stage.setPoints(places, bounds, columns === 2);
  }

  function show(labels: Uint8Array<ArrayBuffer>, centroids: Float32Array): void {
    panel.classList.remove('stale');
    tell(labels.length);
    stage.setClusters(labels, centroids);
  }

  /** How many points the picture has, and how they lie in it. */
  function tell(drawn: number): void {
    const { rows, columns, share: seen } = shown;
    const isPlane = columns === 2;
    const what = !pointsAreDrawn
      ? `This browser has no WebGL: only centroids${isPlane ? ' and cells' : ''}, no points`
      : drawn < rows
        ? `${rough(drawn)} of ${count(rows)} points drawn`
        : plural(rows, 'point') + (isPlane ? '' : ` of ${columns} columns`);
    const how = isPlane
      ? what
      : `${what}, drawn on the first two principal components (${share(seen)} of the variance)`;
    caption.textContent = how + timeline.inWords;
  }

  function finish(message: FromClusterWorker & { type: 'done' }): void {
    const { outcome } = message;
    timeline.complete(message.inertias, message.moves);
    rest(message);
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
    // What others see in the picture.
    const summary = document.createElement('span');
    summary.className = 'unseen';
    summary.textContent = ` ${inWords(message.sizes, outcome.inertia)}`;
    status.append(summary);
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
    start = null;
    init.value = settings.init;
    begin(mode === 'held' || mode === 'holding' ? 'hold' : 'run');
  }, DEBOUNCE_MS);
  const number = (value: number) => count(value);
  const nSlider = slider('n', POINTS, number, (n) => {
    settings.n = n;
    rerun();
  });
  const kSlider = slider('k', { least: 1, most: 256 }, number, (k) => {
    settings.k = k;
    rerun();
  });
  slider('seed', { least: 0, most: 100 }, number, (seed) => {
    settings.seed = seed;
    rerun();
  }).show(settings.seed);
  const board = byId('board', HTMLSelectElement);
  const credit = byId('credit-data', HTMLElement);
  const showBoard = () => {
    const data = isDataSet(settings.board) ? DATA_SETS[settings.board] : null;
    board.value = settings.board;
    nSlider.show(data?.rows ?? settings.n);
    nSlider.enable(!data);
    kSlider.reachTo(mostClusters(settings.board));
    kSlider.show(settings.k);
    credit.hidden = !data;
    credit.querySelector('span')!.textContent = data ? `${data.what}, by ${data.by}:` : '';
    credit.querySelector('a')!.href = data?.source ?? '';
  };
  showBoard();
  /** k of the made boards, for when the user comes back to them. */
  let made = isDataSet(settings.board) ? DEFAULTS.k : settings.k;
  board.addEventListener('change', () => {
    const next = board.value as Board;
    if (!isDataSet(settings.board)) made = settings.k;
    settings.board = next;
    settings.k = isDataSet(next) ? DATA_SETS[next].k : made;
    showBoard();
    rerun();
  });
  const whiten = byId('whiten', HTMLInputElement);
  whiten.checked = settings.whiten;
  whiten.addEventListener('change', () => {
    settings.whiten = whiten.checked;
    rerun();
  });
  const init = byId('init', HTMLSelectElement);
  init.value = settings.init;
  init.addEventListener('change', () => {
    settings.init = init.value as InitName;
    rerun();
  });
  byId('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());

  // In the past, Run and Step go forward to where the run is.
  run.addEventListener('click', () => (timeline.isBehind ? timeline.play() : setPace('run')));
  step.addEventListener('click', () => (timeline.isBehind ? timeline.step(1) : setPace('step')));
  stop.addEventListener('click', () => (timeline.isPlaying ? timeline.pause() : setPace('hold')));
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
