/** The Colours tab: a photo in, the same photo in few colours and its palette out. */
import type { EngineInfo } from '../../src/index.ts';
import { byId, copy, debounced, factWriter, say } from '../dom.ts';
import { describe } from '../engine-list.ts';
import { count, duration, plural, share } from '../format.ts';
import type { FromPhotoWorker, Swatch, ToPhotoWorker } from '../messages.ts';
import { setState } from '../page-state.ts';
import type { Photo, Settings } from '../settings.ts';
import { slider } from '../slider.ts';

/** Photos that come with the page; photos/README.md has their sources. */
const PHOTOS: Record<Photo, { url: URL; credit: string }> = {
  china: {
    url: new URL('../photos/china.jpg', import.meta.url),
    credit: 'Photo: Daniel Buechele, CC BY 2.0',
  },
  flower: {
    url: new URL('../photos/flower.jpg', import.meta.url),
    credit: 'Photo: vultilion, CC BY 2.0',
  },
};
const DEBOUNCE_MS = 200;

export interface PhotoTab {
  /** Begins with the embedded photo, the first time. */
  start(): void;
  /** The engine or the seed was changed in the other tab. */
  restart(): void;
  /** A photo of the user's. */
  open(file: File): void;
}

export function photoTab(
  settings: Settings,
  onChange: () => void,
  onEngines: (engines: EngineInfo[]) => void,
): PhotoTab {
  const panel = byId('colours', HTMLElement);
  const facts = factWriter(panel);
  const status = byId('photo-status', HTMLElement);
  const alert = byId('photo-alert', HTMLElement);
  const remark = byId('photo-remark', HTMLElement);
  const compare = byId('compare', HTMLElement);
  const before = byId('before', HTMLCanvasElement);
  const after = byId('after', HTMLCanvasElement);
  const credit = byId('credit', HTMLElement);
  const palette = byId('palette', HTMLElement);
  const run = byId('photo-run', HTMLButtonElement);
  const stop = byId('photo-stop', HTMLButtonElement);
  const save = byId('save', HTMLButtonElement);
  const file = byId('file', HTMLInputElement);
  const thumbs = [...panel.querySelectorAll<HTMLButtonElement>('[data-photo]')];

  let worker: Worker | null = null;
  let job = 0;
  let started = false;
  /** The picture on the screen: what a new worker is told first. */
  let source: { file: Blob; name: string; credit: string; photo: Photo | null } | null = null;
  let sent: Blob | null = null;
  let unique = 0;

  const busy = (now: boolean) => {
    stop.disabled = !now;
    run.disabled = now;
    panel.classList.toggle('busy', now);
  };

  const fail = (message: string) => {
    busy(false);
    setState('colours', 'failed');
    say(alert, message);
    status.textContent = 'That did not work.';
  };

  const openWorker = () => {
    worker = new Worker(new URL('./photo-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromPhotoWorker>) => listen(data);
    worker.onerror = (event) => {
      event.preventDefault();
      worker?.terminate();
      worker = null;
      sent = null;
      fail(`The worker stopped: ${event.message || 'the browser ended it'}. Try a smaller photo.`);
    };
  };

  /** Clusters the present photo with the present settings. */
  const begin = () => {
    if (!source) return;
    if (!worker) openWorker();
    job++;
    const isNew = source.file !== sent;
    setState('colours', 'loading');
    busy(true);
    say(alert, '');
    status.textContent = isNew ? 'Reading the photo…' : 'Getting ready…';
    facts({ iterations: '0', time: '–', psnr: '–', hash: '–', engine: '–', adapter: '' });
    const { colours, seed, engine } = settings;
    const message: ToPhotoWorker = {
      type: 'start',
      job,
      file: isNew ? source.file : null,
      colours,
      seed,
      engine,
    };
    sent = source.file;
    worker?.postMessage(message);
  };

  function listen(message: FromPhotoWorker): void {
    if (message.type === 'engines') return onEngines(message.engines);
    if (message.job !== job) {
      if ('after' in message) message.after.close();
      // A photo that was overtaken by a change of settings is still the photo on the screen.
      if (message.type !== 'decoded') return;
    }
    switch (message.type) {
      case 'decoded':
        unique = message.unique;
        showPhoto(message);
        break;
      case 'tick':
        if (message.phase === 'iterate') {
          setState('colours', 'running');
          status.textContent = 'Clustering the colours…';
          facts({ iterations: count(message.iteration), time: duration(message.seconds) });
        }
        break;
      case 'preview':
        showAfter(message.after);
        showPalette(message.palette, false);
        break;
      case 'done': {
        const { outcome, psnr } = message;
        showAfter(message.after);
        showPalette(message.palette, true);
        facts({
          iterations: count(outcome.iterations),
          time: duration(outcome.seconds),
          psnr: psnr === Infinity ? 'exact' : `${psnr.toFixed(1)} dB`,
          engine: outcome.engine,
          hash: outcome.hash,
        });
        void describe(outcome.engine).then((adapter) => {
          if (message.job === job) facts({ adapter });
        });
        const { length } = message.palette;
        status.textContent =
          length < settings.colours
            ? `The picture has only ${plural(length, 'colour')}: all of them are kept.`
            : `${count(unique)} colours became ${count(length)} in ` +
              `${plural(outcome.iterations, 'iteration')}` +
              (outcome.stopReason === 'maxIter' ? ', the most there may be.' : '.');
        busy(false);
        setState('colours', 'converged');
        break;
      }
      case 'stopped':
        busy(false);
        setState('colours', 'loading');
        status.textContent = `Stopped after ${plural(message.iteration, 'iteration')}. Run begins again.`;
        break;
      case 'failed':
        fail(message.message);
        break;
    }
  }

  function showPhoto(photo: FromPhotoWorker & { type: 'decoded' }): void {
    const { width, height } = photo;
    compare.style.setProperty('--ratio', String(width / height));
    present(before, photo.before);
    after.getContext('bitmaprenderer')?.transferFromImageBitmap(null);
    after.width = width;
    after.height = height;
    credit.textContent = [
      source?.credit,
      `${count(width)} × ${count(height)} pixels`,
      `${count(photo.unique)} colours`,
    ]
      .filter(Boolean)
      .join(' · ');
    remark.textContent = photo.remark;
    before.setAttribute('aria-label', `${source?.name ?? 'The photo'}, before`);
  }

  function showAfter(bitmap: ImageBitmap): void {
    present(after, bitmap);
    after.setAttribute('aria-label', `${source?.name ?? 'The photo'}, in fewer colours`);
  }

  /** Swatches are kept while previews change them, so that they do not blink or lose focus. */
  function showPalette(swatches: readonly Swatch[], final: boolean): void {
    while (palette.children.length > swatches.length) palette.lastElementChild?.remove();
    while (palette.children.length < swatches.length) palette.append(swatchButton(status));
    swatches.forEach((swatch, at) => {
      const button = palette.children[at].firstElementChild as HTMLButtonElement;
      const colour = hex(swatch);
      const portion = share(swatch.share);
      button.style.setProperty('--colour', colour);
      button.dataset.hex = colour;
      button.children[1].textContent = colour;
      button.children[2].textContent = portion;
      button.setAttribute('aria-label', `${colour}, ${portion} of the photo. Copy`);
      button.disabled = !final;
    });
    save.disabled = !final;
  }

  const choose = async (photo: Photo): Promise<void> => {
    const { url, credit } = PHOTOS[photo];
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(response.statusText);
      source = { file: await response.blob(), name: `${photo}.jpg`, credit, photo };
    } catch {
      return fail('The embedded photo could not be loaded. Choose one of your own.');
    }
    settings.photo = photo;
    onChange();
    mark();
    begin();
  };

  const mark = () => {
    for (const thumb of thumbs)
      thumb.setAttribute('aria-pressed', String(thumb.dataset.photo === source?.photo));
  };

  const rerun = debounced(() => {
    onChange();
    begin();
  }, DEBOUNCE_MS);
  slider('colour-count', { least: 2, most: 256 }, count, (colours) => {
    settings.colours = colours;
    rerun();
  }).show(settings.colours);
  for (const thumb of thumbs) {
    const photo = thumb.dataset.photo as Photo;
    thumb.querySelector('img')!.src = PHOTOS[photo].url.href;
    thumb.addEventListener('click', () => void choose(photo));
  }
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    if (chosen) open(chosen);
    file.value = ''; // the same file again is a choice too
  });
  run.addEventListener('click', begin);
  stop.addEventListener('click', () => {
    const message: ToPhotoWorker = { type: 'stop', job };
    worker?.postMessage(message);
  });
  save.addEventListener('click', () => {
    after.toBlob((blob) => {
      if (!blob) return;
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `${(source?.name ?? 'photo').replace(/\.\w+$/, '')}-${settings.colours}-colours.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  });
  const split = byId('split', HTMLInputElement);
  const onSplit = () => compare.style.setProperty('--split', `${split.value}%`);
  split.addEventListener('input', onSplit);
  onSplit();
  busy(false);

  function open(chosen: File): void {
    started = true;
    const name = chosen.name || 'The pasted picture';
    source = { file: chosen, name, credit: name, photo: null };
    mark();
    begin();
  }

  return {
    start() {
      if (started) return;
      started = true;
      void choose(settings.photo);
    },
    restart() {
      if (started) begin();
    },
    open,
  };
}

/** Puts a bitmap on a canvas without copying it. */
function present(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
}

function hex({ red, green, blue }: Swatch): string {
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function swatchButton(status: HTMLElement): HTMLLIElement {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  const [colour, name, portion] = ['span', 'code', 'small'].map((tag) =>
    document.createElement(tag),
  );
  colour.className = 'colour';
  button.append(colour, name, portion);
  button.addEventListener('click', () => {
    const text = button.dataset.hex ?? '';
    void copy(text).then((copied) => {
      status.textContent = copied
        ? `Copied ${text}.`
        : `${text}: this browser did not let me copy.`;
      button.classList.toggle('copied', copied);
      setTimeout(() => button.classList.remove('copied'), 1200);
    });
  });
  item.append(button);
  return item;
}
