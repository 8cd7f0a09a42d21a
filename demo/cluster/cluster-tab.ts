/** The Cluster tab: controls on one side, the worker's answers on the other, the stage between. */
import { Desk } from '../desk.ts';
import { byId, debounced } from '../dom.ts';
import { share } from '../format.ts';
import type { EngineInfo } from '../../src/index.ts';
import type { FromClusterWorker, Moment, Pace, ToClusterWorker } from '../messages.ts';
import { openLine, type Line } from '../line.ts';
import { once } from '../once.ts';
import { setState } from '../page-state.ts';
import { DEFAULTS, type Settings } from '../settings.ts';
import { Caption } from './caption.ts';
import { sizeStrip } from './charts.ts';
import { ChooseK } from './choose-k.ts';
import './interaction.css';
import type { OwnChoice } from './own-data.ts';
import { PHASES, RunReport } from './run-report.ts';
import type { ClusterServices } from './services.ts';
import { settingsForm } from './settings-form.ts';
import { snippet, type Run } from './snippet.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';
import { Tools } from './tools.ts';

const DEBOUNCE_MS = 250;

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
  const report = new RunReport();
  const caption = new Caption();
  const code = byId('snippet', HTMLElement);
  const cellsChoice = byId('cells-choice', HTMLElement);
  const [run, step, stop, restart] = ['run', 'step', 'stop', 'restart'].map((id) =>
    byId(id, HTMLButtonElement),
  );
  const sizes = sizeStrip(byId('sizes', HTMLElement));

  let line: Line<ToClusterWorker> | null = null;
  /** What can be asked of the session. */
  let desk: Desk<ClusterServices> | null = null;
  /** The user's file, once one is open, and how many points it has, once they are read. */
  let own: OwnChoice | null = null;
  let ownRows: number | null = null;
  /** The number of clusters, where the user's file had fewer points. */
  let lowered: { from: number; to: number } | null = null;
  let job = 0;
  /** Ended when the run that rests goes on; and when another moment of it is looked at. */
  let resting = new AbortController();
  let looking = new AbortController();
  /** idle: no run; going: on its way to the end; holding: will hold; held: waits for the user. */
  let mode: 'idle' | 'going' | 'holding' | 'held' = 'idle';
  let started = false;
  /** The seed of the last run. */
  let { seed: seeded } = settings;
  const stage = new Stage(byId('stage', HTMLElement), {
    // The next picture is asked for once the last is on the screen.
    drawn: () => send({ type: 'drawn', job }),
    unavailable() {
      caption.hasWebGl = false;
      caption.tell(timeline.inWords);
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
    (message) => report.alert(message),
  );
  const chooseK = new ChooseK(
    (kMax, options) => askSession().ask('choose', { job, kMax }, options),
    (k) => {
      form.setK(k);
      form.show(ownRows);
    },
  );

  const enableButtons = () => {
    const focused = document.activeElement;
    run.disabled = mode === 'going' || timeline.isPlaying;
    stop.disabled = mode !== 'going' && !timeline.isPlaying;
    // A button that goes off under a finger on the keyboard hands over to the one that comes on.
    if (focused === run && run.disabled) stop.focus();
    if (focused === stop && stop.disabled) run.focus();
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
    caption.tellOld();
    report.fail(message);
  };

  const send = (message: ToClusterWorker) => line?.send(message);

  const openSession = () => {
    line = openLine<ToClusterWorker, FromClusterWorker>({
      worker: () => new Worker(new URL('./cluster-worker.ts', import.meta.url), { type: 'module' }),
      load: async () => (await import('./session.ts')).openSession,
      listen,
      onPage() {
        report.where = ', on the page: workers are blocked here';
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
    const { board, n, k, seed, engine, init, whiten, metric, centroids: start, axes } = settings;
    seeded = seed;
    timeline.clear();
    // Centroids that are put somewhere else stay in the hand.
    if (!start || pace !== 'hold') tools.setMoment(null);
    // Centroids placed by hand are on the screen already.
    if (!start) stage.expectRun();
    panel.classList.toggle('stale', !start);
    caption.isOld = true;
    setState('cluster', 'loading');
    setMode(pace === 'run' ? 'going' : 'holding');
    report.begin();
    const tol = Number(settings.tol);
    const common = { board, n, k, seed, engine, init, whiten, metric, tol };
    const request = { ...common, own, axes, sample: stage.sample, ...(start ? { start } : {}) };
    showCode();
    send({ type: 'start', job, pace, request });
  };

  const setPace = (pace: Pace) => {
    if (mode === 'idle') return begin(pace);
    leave();
    timeline.leave();
    tools.setMoment(null);
    setMode(pace === 'run' ? 'going' : 'holding');
    // As long as what follows it: what lies below does not jump at every step.
    if (pace === 'step')
      report.say('Doing one iteration…', 'Then Step does one more, Run the rest.');
    else report.say(pace === 'run' ? PHASES.iterate : 'Stopping…');
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
        const { phase, iteration, inertia, moved, share } = message;
        if (mode === 'idle') return; // given up, and not yet noticed
        if (share !== undefined) tellReading(share);
        else if (mode === 'going') report.say(PHASES[phase]);
        if (phase !== 'points') tellReading(null);
        if (phase === 'iterate' || phase === 'read') {
          if (mode !== 'held') setState('cluster', 'running');
          if (iteration > 0) {
            timeline.add(iteration, inertia, moved);
            report.iterated(message);
          }
        }
        break;
      }
      case 'engine':
        report.engine(message.engine);
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
        report.held(message.iteration, settings.centroids ? settings.k : 0);
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
      report.alert((error as Error).message);
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
    rerun.cancel();
    settings.k = centroids.length / caption.columns;
    settings.centroids = centroids;
    form.show(ownRows);
    onChange();
    begin('hold');
  }

  /** The worker has new points. Whichever job they were made for: the next may use them again. */
  function take(message: FromClusterWorker & { type: 'points' }): void {
    const { places, bounds, columns, stretch, names, plane } = message;
    caption.take(message);
    tools.setPoints({ plane, columns, title: (column) => caption.title(column) });
    if (message.areNew) chooseK.forget();
    caption.tell(timeline.inWords);
    cellsChoice.hidden = stretch === 0;
    // Where rows have other columns too, what lies near a centroid here need not be its own.
    stage.setPoints(places, bounds, stretch, columns !== 2);
    if (columns > 2) void axesPicker().then((picker) => picker.show(names, columns, message.axes));
    else void axesPicker.made?.then((picker) => picker.show(names, columns, null));
    if (message.fileRows === null) return;
    ownRows = caption.rows;
    void ownCard.made?.then((card) => card.tell(caption.rows, message.fileRows!));
    // Who opens a file of few rows has not asked for more clusters than that, and could choose no fewer than one.
    if (settings.board === 'own' && settings.k > ownRows) {
      lowered = { from: settings.k, to: ownRows };
      form.setK(ownRows);
      rerun.cancel();
      onChange();
      begin('run');
    }
    form.show(ownRows);
  }

  function setPainter(isSession: boolean): void {
    stage.setPainter(isSession);
    caption.isDrawnBySession = isSession;
    report.painter(isSession);
  }

  function show(labels: Uint8Array<ArrayBuffer> | null, centroids: Float32Array): void {
    panel.classList.remove('stale');
    caption.tell(timeline.inWords, labels?.length ?? caption.rows);
    stage.setClusters(labels, centroids);
  }

  /** How much of the user's file is read; null: nothing is being read. */
  function tellReading(part: number | null): void {
    if (part !== null && own) report.say(`Reading ${own.file.name}: ${share(part)}`);
    void ownCard.made?.then((card) => card.reading(part));
  }

  function theRun(): Run {
    return {
      ...settings,
      own: settings.board === 'own' ? own : null,
      names: caption.names,
    };
  }

  /** The code of this run; in other languages once somebody has looked at them. */
  function showCode(): void {
    code.textContent = snippet(theRun());
    void codeCard.made?.then((card) => card.update());
  }

  function finish(message: FromClusterWorker & { type: 'done' }): void {
    timeline.complete(message.inertias, message.moves);
    rest(message);
    report.finish(message);
    void hover();
    void codeCard.made?.then((card) => card.update());
    setMode('idle');
    setState('cluster', 'converged');
  }

  const rerun = debounced(() => {
    onChange();
    begin(mode === 'held' || mode === 'holding' ? 'hold' : 'run');
  }, DEBOUNCE_MS);
  const form = settingsForm(settings, (name) => {
    if (name === 'board') {
      void ownCard.made?.then((card) => card.show(settings.board === 'own'));
      form.show(ownRows);
    }
    rerun();
  });
  form.show(ownRows);

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
  const ownCard = once(async () => {
    const { ownPanel } = await import('./own-panel.ts');
    return ownPanel({
      look: (file, signal) => askSession().ask('open', file, { signal }),
      opened(choice) {
        [own, ownRows] = [choice, null];
        if (lowered?.to === settings.k) settings.k = lowered.from;
        lowered = null;
        form.setBoard('own');
        form.show(ownRows);
        rerun.cancel();
        onChange();
        begin('run');
      },
      changed(choice) {
        own = choice;
        form.setBoard('own');
        form.show(ownRows);
        rerun();
      },
      closed() {
        own = null;
        form.setBoard(DEFAULTS.board);
        form.show(ownRows);
        rerun();
      },
      cancel() {
        send({ type: 'cancel', job });
        setMode('idle');
        setState('cluster', 'failed');
        tellReading(null);
        report.say('Reading was cancelled. Run begins again.');
      },
      refuse(why) {
        // What runs, or has run, stays; where nothing has, what the page is set to begins.
        if (job === 0) begin('run');
        report.alert(why);
      },
    });
  });
  const axesPicker = once(async () => {
    const { axesChoice } = await import('./axes.ts');
    return axesChoice((chosen) => {
      settings.axes = chosen;
      onChange();
      void askSession().ask('see', chosen);
    });
  });
  const hover = once(async () => {
    const { hover } = await import('./hover.ts');
    return hover({
      stage,
      isIdle: () => tools.isViewing,
      facts: (row) => askSession().ask('row', { row, first: caption.axes }),
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
    report.alert('');
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
      if (started && seeded === settings.seed) return;
      form.show(ownRows); // the race may have another seed by now
      started = true;
      begin('run');
    },
    restart() {
      if (started) begin('run');
    },
  };
}
