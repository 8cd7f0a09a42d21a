/** Files of a result: labels and centroids by the worker, and the picture as it is seen. */
import { byId } from '../dom.ts';
import { saveFile } from '../save-file.ts';
import type { Saved, SaveRequest } from './save-tables.ts';
import type { Stage } from './stage.ts';

export interface SaveHost {
  stage: Stage;
  /** The points as they are seen, where the session draws them. */
  points(): Promise<Blob | null>;
  /** What the data is called. */
  name(): string;
  table(request: SaveRequest, signal: AbortSignal): Promise<Saved>;
}

export interface Saver {
  /** @param what as its button says: `labels.csv` */
  save(what: string): Promise<void>;
}

export function saver(host: SaveHost): Saver {
  const status = byId('save-status', HTMLElement);
  const waiting = byId('save-waiting', HTMLElement);
  let abort = new AbortController();
  byId('save-cancel', HTMLButtonElement).addEventListener('click', () => abort.abort());

  const make = (what: string, signal: AbortSignal): Promise<Saved> => {
    const [kind, format] = what.split('.');
    if (kind !== 'picture') return host.table({ what: kind, format } as SaveRequest, signal);
    return pictureOf(host, format).then((file) => ({ file, ending: what }));
  };

  return {
    async save(what) {
      abort.abort();
      const mine = (abort = new AbortController());
      status.textContent = `Writing ${what}…`;
      waiting.hidden = false;
      try {
        const { file, ending } = await make(what, mine.signal);
        // Without what no file system takes.
        const name = `${host.name()}-${ending}`.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_');
        saveFile(file, name);
        status.textContent = `Saved as ${name}.`;
      } catch (error) {
        if (mine !== abort) return; // another was asked for meanwhile
        status.textContent = mine.signal.aborted
          ? 'Nothing was saved.'
          : `Not saved: ${(error as Error).message}`;
      }
      waiting.hidden = true;
    },
  };
}

const SVG = 'http://www.w3.org/2000/svg';

/** What of the page's style sheet the lines of the picture need to carry themselves. */
const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-linecap', 'stroke-linejoin'];

async function pictureOf(host: SaveHost, format: string): Promise<Blob> {
  const { stage } = host;
  const ratio = format === 'svg' ? 1 : Math.max(2, devicePixelRatio);
  const text = await svgOf(host, format === 'svg', ratio);
  const svg = new Blob([text], { type: 'image/svg+xml' });
  if (format === 'svg') return svg;
  const { width, height } = stage.size;
  const image = new Image();
  const url = URL.createObjectURL(svg);
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) =>
      canvas.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('the browser made no PNG of the picture. Save it as SVG.'));
      }),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * The picture as one file: few points as dots, many as an image, with cells and centroids as lines.
 *
 * @param ratio pixels of the file for one on the screen: lines that keep their width need to be told
 */
async function svgOf(
  { stage, points: drawn }: SaveHost,
  asDots: boolean,
  ratio: number,
): Promise<string> {
  const { width, height } = stage.size;
  const box = byId('stage', HTMLElement);
  const ground = getComputedStyle(box.closest('.card')!).backgroundColor;
  const svg = element('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
  svg.append(element('rect', { width, height, fill: ground }));
  const shown = await stage.desk.ask('picture', { asDots });
  const image = shown === null ? await drawn() : 'points' in shown ? shown.points : null;
  if (image) {
    const href = await dataUrl(image);
    svg.append(element('image', { href, width, height, preserveAspectRatio: 'none' }));
  } else if (shown && 'dots' in shown) {
    const { dots, size, opacity } = shown;
    dots.forEach((places, cluster) => {
      let d = '';
      for (let at = 0; at < places.length; at += 2)
        d += `M${(places[at] * width).toFixed(1)} ${(places[at + 1] * height).toFixed(1)}h0`;
      const stroke = stage.colours[cluster] ?? '#878c99';
      const round = { 'stroke-linecap': 'round', 'stroke-opacity': opacity };
      svg.append(element('path', { d, stroke, 'stroke-width': size, fill: 'none', ...round }));
    });
  }
  for (const line of box.querySelectorAll<SVGPathElement>('.cells, .rings, .dots, .marks path')) {
    const style = getComputedStyle(line);
    if (style.display === 'none' || !line.getAttribute('d')) continue;
    const copy = element('path', { d: line.getAttribute('d')! });
    const transform = line.getAttribute('transform');
    for (const name of STYLES) copy.setAttribute(name, style.getPropertyValue(name));
    if (transform) {
      copy.setAttribute('transform', transform);
      copy.setAttribute('vector-effect', 'non-scaling-stroke');
      copy.setAttribute('stroke-width', String(ratio * parseFloat(style.strokeWidth)));
    }
    svg.append(copy);
  }
  return new XMLSerializer().serializeToString(svg);
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error('the picture could not be read.'));
    reader.readAsDataURL(blob);
  });
}
