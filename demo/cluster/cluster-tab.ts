/** The Cluster tab: controls on one side, the worker's answers on the other, the stage between. */
import { DATA_SETS, isDataSet } from '../data/data-sets.ts';
import { Desk } from '../desk.ts';
import { byId, copy, debounced, factWriter, say } from '../dom.ts';
import { describe } from '../engine-list.ts';
import { count, duration, measure, plural, rough, share } from '../format.ts';
import type { EngineInfo } from '../../src/index.ts';
import type { FromClusterWorker, Moment, Pace, ToClusterWorker } from '../messages.ts';
import { openLine, type Line } from '../line.ts';
import { once } from '../once.ts';
import { setState } from '../page-state.ts';
import {
  DEFAULTS,
  mostClusters,
  type Board,
  type InitName,
  type MetricName,
  type Settings,
  type TolName,
} from '../settings.ts';
import { slider } from '../slider.ts';
import { inWords, sizeStrip } from './charts.ts';
import { ChooseK } from './choose-k.ts';
import './interaction.css';
import type { OwnChoice } from './own-data.ts';
import type { ClusterServices } from './services.ts';
import { snippet, type Run } from './snippet.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';
import { Tools } from './tools.ts';
import type { Axes } from './view.ts';

/** A thousand to fifty million, three a decade. */
const POINTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000].map(
  (t) => t * 1000,
);
const DEBOUNCE_MS = 250;

const PHASES = {
  load: 'Reading…',
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
  /** Clusters a file of the user's. */
  open(file: File): void;
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

  let line: Line<ToClusterWorker> | null = null;
  /** Said of a run that no worker does. */
  let where = '';
  /** What can be asked of the session. */
  let desk: Desk<ClusterServices> | null = null;
  /** The user's file, once one is open, and how many points it has, once they are read. */
  let own: OwnChoice | null = null;
  let ownRows: number | null = null;
  let axes: Axes = null;
  let job = 0;
  /** Ended when the run that rests goes on; and when another moment of it is looked at. */
  let resting = new AbortController();
  let looking = new AbortController();
  /** idle: no run; going: on its way to the end; holding: will hold; held: waits for the user. */
  let mode: 'idle' | 'going' | 'holding' | 'held' = 'idle';
  let hash = '';
  let started = false;
  let pointsAreDrawn = true;
  /** First centroids that were placed by hand, k × columns. */
  let start: Float32Array | null = null;
  /** What the worker has sent points of. */
  let shown = {
    rows: 0,
    columns: 2,
    share: 1,
    stretch: 1,
    axes: null as Axes,
    names: [] as readonly string[],
  };
  const stage = new Stage(byId('stage', HTMLElement), {
    // The next picture is asked for once the last is on the screen.
    drawn: () => send({ type: 'drawn', job }),
    unavailable() {
      pointsAreDrawn = false;
      tell(0);
    },
    moved: () => tools.redraw(),
    tell: (message, transfer) => line?.send(message, transfer),
  });
  const timeline = new Timeline({
    look: (iteration, head) => void look(iteration, head),
    lacks: (head) => void learn(head),
    played: () => (mode === 'held' ? setPace('run') : enableButtons()),
    changed: () => enableButtons(),
  });
  const tools = new Tools(
    stage,
    byId('stage', HTMLElement),
    {
      place: (centroids) => placeCentroids(centroids),
      inspect: (outline) => ask('inspect', { outline }),
    },
    (message) => say(alert, message),
  );
  const chooseK = new ChooseK(
    (kMax, options) => askSession().ask('choose', { job, kMax }, options),
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
    tellReading(null);
    say(alert, message);
    status.textContent = 'This run did not come to an end.';
  };

  const send = (message: ToClusterWorker) => line?.send(message);

  const openSession = () => {
    line = openLine<ToClusterWorker, FromClusterWorker>({
      worker: () => new Worker(new URL('./cluster-worker.ts', import.meta.url), { type: 'module' }),
      load: async () => (await import('./session.ts')).openSession,
      listen,
      onPage() {
        where = ', on the page: workers are blocked here';
      },
      onBroken(reason) {
        // Out of memory, say: the next run gets a new one.
        leave();
        setPainter(false);
        desk?.close();
        line = desk = null;
        chooseK.forget();
        fail(`The worker stopped: ${reason}. Try fewer points.`);
      },
    });
    desk = new Desk();
    line.send({ type: 'desk', port: desk.port }, [desk.port]);
  };

  const askSession = () => {
    if (!desk) openSession();
    return desk!;
  };

  const begin = (pace: Pace) => {
    if (!line) openSession();
    leave();
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
    const { board, n, k, seed, engine, init, whiten, metric } = settings;
    const tol = Number(settings.tol);
    const common = { board, n, k, seed, engine, init, whiten, metric, tol };
    const request = { ...common, own, axes, sample: stage.sample };
    if (start) Object.assign(request, { start });
    showCode();
    send({ type: 'start', job, pace, request });
  };

  const setPace = (pace: Pace) => {
    if (mode === 'idle') return begin(pace);
    leave();
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
    if (message.type === 'canvas-wanted') return stage.lend();
    if (message.type === 'painter') return setPainter(message.isSession);
    if (message.type === 'painted') return stage.painted();
    if (message.job !== job) return;
    switch (message.type) {
      case 'tick': {
        const { phase, iteration, inertia, seconds, share } = message;
        if (mode === 'idle') return; // given up, and not yet noticed
        if (share !== undefined) tellReading(share);
        else if (mode === 'going') {
          if (status.textContent !== PHASES[phase]) status.textContent = PHASES[phase];
        }
        if (phase !== 'points') tellReading(null);
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
        // Not while centroids are moved by hand: it would undo that.
        if (tools.isBusy) send({ type: 'drawn', job });
        else show(message.labels, message.centroids);
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
      case 'moved':
        if (mode === 'idle' || mode === 'held') showMoment(message);
        break;
    }
  }

  /** Asks about the run that rests. Null where it goes on before there is an answer, or none comes. */
  async function ask<N extends 'look' | 'history' | 'inspect'>(
    name: N,
    question: Omit<Parameters<ClusterServices[N]>[0], 'job'>,
    { signal } = resting,
  ): Promise<Awaited<ReturnType<ClusterServices[N]>> | null> {
    try {
      return await askSession().ask(name, { job, ...question } as never, { signal });
    } catch (error) {
      if (signal.aborted) return null;
      timeline.lost();
      say(alert, (error as Error).message);
      return null;
    }
  }

  async function look(iteration: number, head: number): Promise<void> {
    looking.abort();
    looking = new AbortController();
    const moment = await ask('look', { iteration, head }, looking);
    if (!moment) return;
    timeline.saw(moment.iteration);
    if (!tools.isBusy) showMoment(moment);
  }

  async function learn(head: number): Promise<void> {
    const known = await ask('history', { head });
    if (known) timeline.complete(known.inertias, known.moves);
  }

  /** The run goes on, or another begins. */
  function leave(): void {
    looking.abort();
    resting.abort();
    resting = new AbortController();
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
  function take(message: FromClusterWorker & { type: 'points' }): void {
    const { places, bounds, columns, share, stretch, names, plane } = message;
    shown = { rows: places.length / 2, columns, share, stretch, axes: message.axes, names };
    tools.setPoints({ plane, columns, title });
    if (message.areNew) chooseK.forget();
    tell(shown.rows);
    cellsChoice.hidden = stretch === 0;
    // Where rows have other columns too, what lies near a centroid here need not be its own.
    stage.setPoints(places, bounds, stretch, columns !== 2);
    if (columns > 2) void axesPicker().then((picker) => picker.show(names, columns, message.axes));
    else void axesPicker.made?.then((picker) => picker.show(names, columns, null));
    if (message.fileRows === null) return;
    ownRows = shown.rows;
    showBoard();
    void ownCard.made?.then((card) => card.tell(shown.rows, message.fileRows!));
  }

  /** What a column is called. */
  function title(column: number): string {
    const { names, columns } = shown;
    return names[column] ?? (columns === 2 ? 'xy'[column] : `column ${column + 1}`);
  }

  function setPainter(isSession: boolean): void {
    stage.setPainter(isSession);
    facts({ picture: isSession ? 'Drawn on the GPU, from the engine’s own labels' : '' });
  }

  function show(labels: Uint8Array<ArrayBuffer> | null, centroids: Float32Array): void {
    panel.classList.remove('stale');
    tell(labels?.length ?? shown.rows);
    stage.setClusters(labels, centroids);
  }

  /** How many points the picture has, and how they lie in it. */
  function tell(drawn: number): void {
    const { rows, columns, share: seen } = shown;
    const isPlane = columns === 2;
    const what =
      !pointsAreDrawn && !stage.isDrawnBySession
        ? `This browser has no WebGL: only centroids${isPlane ? ' and cells' : ''}, no points`
        : drawn < rows
          ? `${rough(drawn)} of ${count(rows)} points drawn`
          : plural(rows, 'point') + (isPlane ? '' : ` of ${plural(columns, 'column')}`);
    const how = shown.axes
      ? `${what}, drawn on ${title(shown.axes[0])} and ${title(shown.axes[1])}`
      : isPlane || columns === 1
        ? what +
          (shown.stretch > 0 && shown.stretch !== 1 ? ', each axis on a scale of its own' : '')
        : `${what}, drawn on the first two principal components (${share(seen)} of the variance)`;
    caption.textContent = how + timeline.inWords;
  }

  /** How much of the user's file is read; null: nothing is being read. */
  function tellReading(part: number | null): void {
    if (part !== null && own) status.textContent = `Reading ${own.file.name}: ${share(part)}`;
    void ownCard.made?.then((card) => card.reading(part));
  }

  function theRun(): Run {
    return {
      ...settings,
      own: settings.board === 'own' ? own : null,
      placed: start && { centroids: start, columns: shown.columns },
    };
  }

  /** The code of this run; in other languages once somebody has looked at them. */
  function showCode(): void {
    code.textContent = snippet(theRun());
    void codeCard.made?.then((card) => card.update());
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
    void hover();
    void codeCard.made?.then((card) => card.update());
    status.textContent =
      outcome.stopReason === 'maxIter'
        ? `Finished at the most iterations, ${outcome.iterations}, still moving${where}.`
        : `Converged after ${plural(outcome.iterations, 'iteration')}${where}.`;
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
    const isOwn = settings.board === 'own';
    nSlider.show(data?.rows ?? (isOwn ? (ownRows ?? 0) : settings.n));
    nSlider.enable(!data && !isOwn);
    kSlider.reachTo(Math.min(mostClusters(settings.board), (isOwn && ownRows) || Infinity));
    kSlider.show(settings.k);
    credit.hidden = !data;
    credit.querySelector('span')!.textContent = data ? `${data.what}, by ${data.by}:` : '';
    credit.querySelector('a')!.href = data?.source ?? '';
  };
  showBoard();
  /** k of the made boards, for when the user comes back to them. */
  const isMade = () => settings.board !== 'own' && !isDataSet(settings.board);
  let made = isMade() ? settings.k : DEFAULTS.k;
  board.addEventListener('change', () => {
    const next = board.value as Board;
    if (isMade()) made = settings.k;
    settings.board = next;
    settings.k = isDataSet(next) ? DATA_SETS[next].k : made;
    axes = null;
    void ownCard.made?.then((card) => card.show(next === 'own'));
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
  const metric = byId('metric', HTMLSelectElement);
  const tol = byId('tol', HTMLSelectElement);
  [metric.value, tol.value] = [settings.metric, settings.tol];
  byId('more', HTMLDetailsElement).open =
    settings.metric !== DEFAULTS.metric || settings.tol !== DEFAULTS.tol;
  metric.addEventListener('change', () => {
    settings.metric = metric.value as MetricName;
    rerun();
  });
  tol.addEventListener('change', () => {
    settings.tol = tol.value as TolName;
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

  const ownCard = once(async () => {
    const { ownPanel } = await import('./own-panel.ts');
    return ownPanel({
      look: (file, signal) => askSession().ask('open', file, { signal }),
      opened(choice) {
        if (isMade()) made = settings.k;
        [own, ownRows, axes, start] = [choice, null, null, null];
        settings.board = 'own';
        init.value = settings.init;
        showBoard();
        rerun.cancel();
        onChange();
        begin('run');
      },
      changed(choice) {
        own = choice;
        axes = null;
        rerun();
      },
      closed() {
        own = null;
        [settings.board, settings.k, axes] = [DEFAULTS.board, made, null];
        showBoard();
        rerun();
      },
      cancel() {
        send({ type: 'cancel', job });
        setMode('idle');
        setState('cluster', 'failed');
        tellReading(null);
        status.textContent = 'Reading was cancelled. Run begins again.';
      },
      refuse(why) {
        // What runs, or has run, stays; where nothing has, what the page is set to begins.
        if (job === 0) begin('run');
        say(alert, why);
      },
    });
  });
  const axesPicker = once(async () => {
    const { axesChoice } = await import('./axes.ts');
    return axesChoice((chosen) => {
      axes = chosen;
      void askSession().ask('see', axes);
    });
  });
  const hover = once(async () => {
    const { hover } = await import('./hover.ts');
    return hover({
      stage,
      isIdle: () => tools.isViewing,
      facts: (row) => askSession().ask('row', { row, first: shown.axes }),
    });
  });
  const codeCard = once(async () => {
    const { codeCard } = await import('./code-card.ts');
    return codeCard({
      run: theRun,
      starts: (signal) => askSession().ask('starts', null, { signal }),
    });
  });
  byId('code', HTMLDetailsElement).addEventListener('toggle', () => void codeCard());
  const savers = once(async () => {
    const { saver } = await import('./save.ts');
    return saver({
      stage,
      points: () => askSession().ask('picture', null),
      name: () =>
        own && settings.board === 'own' ? own.file.name.replace(/\.\w+$/, '') : settings.board,
      table: (request, signal) => askSession().ask('save', request, { signal }),
    });
  });
  byId('save', HTMLDetailsElement).addEventListener('click', ({ target }) => {
    const what = target instanceof HTMLButtonElement ? target.dataset.save : undefined;
    if (what) void savers().then((saver) => saver.save(what));
  });
  const open = (file: File) => {
    started = true;
    say(alert, '');
    ownCard()
      .then((card) => card.open(file))
      .catch(() =>
        fail('The code that opens files did not load. Check the connection and try again.'),
      );
  };
  const chooser = byId('own-file', HTMLInputElement);
  chooser.addEventListener('change', () => {
    const file = chooser.files?.[0];
    if (file) open(file);
    chooser.value = ''; // the same file again is a choice too
  });

  return {
    open,
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
