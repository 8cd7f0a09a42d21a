/** The Colours tab: a picture in; the same in few colours, its palette and its files out. */
import './image.css';
import type { EngineInfo } from '../../src/index.ts';
import { byId, debounced, factWriter, say } from '../dom.ts';
import { count, plural } from '../format.ts';
import { openLine, type Line } from '../line.ts';
import { setState } from '../page-state.ts';
import type { Settings } from '../settings.ts';
import { comparison } from './comparison.ts';
import { busyBar } from './busy-bar.ts';
import { downloads } from './downloads.ts';
import { bytes, drawnFacts, measuredFacts, NO_FACTS } from './facts.ts';
import type {
  Drawn,
  FromSession,
  JobNews,
  Measured,
  Opened,
  QuantizeRequest,
  ToSession,
} from './messages.ts';
import { runControls } from './run-controls.ts';
import { snippet } from './snippet.ts';
import { sourceControls } from './source-controls.ts';
import type { Source } from './sources.ts';
import { swatches } from './swatches.ts';

/** After the last of many changes, before the whole picture is done and measured. */
const SETTLED_MS = 180;

export interface ImageTab {
  /** Begins with an embedded photo, the first time. */
  start(): void;
  /** The engine was changed in the other tab. */
  restart(): void;
  /** A picture of the user's. */
  open(file: File): void;
}

export function imageTab(
  settings: Settings,
  onChange: () => void,
  onEngines: (engines: EngineInfo[]) => void,
): ImageTab {
  const panel = byId('colours', HTMLElement);
  const facts = factWriter(panel);
  const status = byId('image-status', HTMLElement);
  const alert = byId('image-alert', HTMLElement);
  const again = byId('again', HTMLButtonElement);
  const unlockAll = byId('unlock-all', HTMLButtonElement);
  const compare = comparison();
  const busy = busyBar(panel, () => line?.send({ type: 'cancel', job }));

  let line: Line<ToSession> | null = null;
  let job = 0;
  /** On its way, and on the screen. */
  let coming: Source | null = null;
  let source: Source | null = null;
  let openedBy = 0;
  let opened: Opened | null = null;
  let locks: string[] = [];
  let drawn: Drawn | null = null;
  let size = '';

  const request = (): QuantizeRequest => {
    const { space, dither, sort, seed, engine } = settings;
    const colours = Math.max(settings.colours, locks.length);
    return { colours, space, dither, sort, lock: [...locks], seed, engine };
  };

  const begin = (words: string) => {
    job++;
    setState('colours', 'loading');
    say(alert, '');
    again.hidden = true;
    busy.start(words);
  };

  const end = (words: string, state: 'converged' | 'loading' | 'failed') => {
    busy.stop();
    setState('colours', state);
    status.textContent = words;
  };

  const fail = (message: string) => {
    end('That did not work.', 'failed');
    say(alert, message);
  };

  function open(next: Source): void {
    coming = next;
    begin('Reading the picture…');
    line ??= openLine<ToSession, FromSession>({
      worker: () => new Worker(new URL('./image-worker.ts', import.meta.url), { type: 'module' }),
      load: async () => (await import('./session.ts')).openSession,
      listen,
      onBroken(reason) {
        line = null;
        fail(`The worker stopped: ${reason}. Try a smaller picture.`);
      },
    });
    line.send({ type: 'open', job, file: next.file });
  }

  function quantize(hurried: boolean): void {
    if (!hurried) {
      settle.cancel(); // this is what it waits to do
      onChange();
    }
    if (coming || !source) return; // begins with the present settings once one is open
    if (!line) return open(source);
    begin('Finding the colours…');
    const asked = request();
    byId('image-snippet', HTMLElement).textContent = snippet(asked);
    line?.send({ type: 'quantize', job, request: asked, hurried });
  }

  const settle = debounced(() => quantize(false), SETTLED_MS);
  const live = () => {
    quantize(true);
    settle();
  };

  function listen(message: FromSession): void {
    if (message.type === 'engines') onEngines(message.engines);
    else if (message.type === 'exported') save(message, source?.name ?? 'picture');
    else if (message.type === 'unsaved') say(alert, message.message);
    // Also of a job that was overtaken by a change of settings: the next is on its way.
    else if (message.type === 'drawn' && message.job > openedBy) showAfter(message);
    else if (message.job === job) take(message);
  }

  /** News of the present job. */
  function take(message: JobNews): void {
    switch (message.type) {
      case 'opened':
        return showBefore(message);
      case 'progress':
        setState('colours', 'running');
        return busy.tell(message.stage, message.fraction);
      case 'drawn':
        return showAfter(message);
      case 'weighed':
        size = bytes(message.bytes);
        return facts({ size });
      case 'measured':
        return finish(message);
      case 'failed':
        coming = null;
        return fail(message.message);
      case 'cancelled':
        coming = null;
        end('Cancelled.', 'loading');
        again.hidden = source === null;
        return again.focus();
    }
  }

  function showBefore(picture: Opened): void {
    source = coming;
    coming = null;
    opened = picture;
    openedBy = job;
    setLocks([]);
    palette.forget();
    if (source) compare.showBefore(picture.before, source.name);
    byId('picture-name', HTMLElement).textContent = [source?.name, source?.credit]
      .filter(Boolean)
      .join(' · ');
    const { width, height, unique } = picture;
    byId('picture-size', HTMLElement).textContent =
      `${count(width)} × ${count(height)} pixels · ${plural(unique, 'colour')}`;
    sources.mark(source?.photo ?? null);
    if (source?.photo) settings.photo = source.photo;
    save.enable(false);
    facts({ ...NO_FACTS, opened: source ? bytes(source.file.size) : '–' });
    quantize(false);
  }

  function showAfter(result: Drawn): void {
    setState('colours', 'running');
    compare.showAfter(result.after, source?.name ?? 'The picture');
    palette.show(result.palette, result.counts, new Set(locks));
    byId('palette-size', HTMLElement).textContent = plural(result.counts.length, 'colour');
    // What is on the screen is what is saved: nothing of a preview is.
    save.enable(!result.preview);
    size = '';
    facts(result.preview ? NO_FACTS : { ...NO_FACTS, ...drawnFacts(result) });
    drawn = result;
  }

  function finish(measured: Measured): void {
    const colours = drawn?.counts.length ?? 0;
    const found = measuredFacts(measured);
    facts(found);
    const what = drawn?.lossless
      ? `The picture has only ${plural(colours, 'colour')}: nothing is lost.`
      : `${plural(opened?.unique ?? 0, 'colour')} became ${count(colours)}.`;
    end([what, opened?.remark].filter(Boolean).join(' '), 'converged');
    // What others see beside it.
    const summary = document.createElement('span');
    summary.className = 'unseen';
    summary.textContent = ` PSNR ${found.psnr}, SSIM ${found.ssim}, mean Delta E ${found['delta-e']}, ${size}.`;
    status.append(summary);
  }

  function setLocks(next: string[]): void {
    locks = [...new Set(next)];
    unlockAll.hidden = locks.length === 0;
  }

  const palette = swatches({
    toggle(colour) {
      setLocks(
        locks.includes(colour) ? locks.filter((other) => other !== colour) : [...locks, colour],
      );
      quantize(false);
    },
    change(from, to, final) {
      setLocks(
        locks.includes(from)
          ? locks.map((colour) => (colour === from ? to : colour))
          : [...locks, to],
      );
      if (final) quantize(false);
      else live();
    },
    copied(colour, worked) {
      status.textContent = worked
        ? `Copied ${colour}.`
        : `${colour}: this browser did not allow copying.`;
    },
  });
  const sources = sourceControls(panel, open, (why) => {
    if (source) say(alert, why);
    else fail(why);
  });
  const save = downloads(panel, (format) => line?.send({ type: 'export', format }));

  runControls(settings, (hurried) => {
    if (hurried) live();
    else quantize(false);
  });
  unlockAll.addEventListener('click', () => {
    setLocks([]);
    // Its own button is gone.
    panel.querySelector<HTMLElement>('.swatch[tabindex="0"]')?.focus();
    quantize(false);
  });
  again.addEventListener('click', () => quantize(false));

  return {
    start() {
      if (!source && !coming) void sources.openPhoto(settings.photo);
    },
    restart: () => quantize(false),
    open: sources.openFile,
  };
}
