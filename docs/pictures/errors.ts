/** The classes of errors, as the package exports them, and their codes. */
import * as library from 'centroids';
import { card, GREY, INK, label } from './draw/draw.ts';

const ROW = 34;
const SIGNS: Record<string, string> = {
  'invalid-input': 'an argument breaks a rule',
  'not-supported': 'a value that is not there yet',
  'engine-unavailable': 'an engine that cannot run here',
  'device-lost': 'the GPU went away',
  'out-of-memory': 'more than the engine can hold',
  'gpu-error': 'the GPU reported an error',
  'empty-cluster': 'a cluster lost its points, and may not',
  checkpoint: 'a state of another run, or damaged',
  'not-fitted': 'an estimator that has no fit yet',
  'invalid-file': 'a file that is damaged, or no numbers',
};

export async function picture(): Promise<string> {
  const classes = Object.entries(library)
    .filter(([name]) => name.endsWith('Error') && name !== 'KMeansError')
    .map(([name, made]) => {
      const { code } = new (made as new (...words: string[]) => library.KMeansError)('x', 'y');
      return { name, code };
    });
  const order = Object.keys(SIGNS);
  classes.sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
  const height = ROW * classes.length;
  const middle = height / 2;
  const body = [
    box(0, middle - 13, 96, 'KMeansError'),
    ...classes.flatMap(({ name, code }, i) => {
      const y = ROW * i + ROW / 2;
      return [
        `<path d="M96 ${middle}H108V${y}H120" fill="none" stroke="#8b98a5"/>`,
        box(120, y - 13, 164, name),
        `<g font-family="ui-monospace, monospace">${label(code, 294, y + 5, INK, 'start', 12)}</g>`,
        label(SIGNS[code], 444, y + 5, GREY, 'start', 12),
      ];
    }),
  ];
  return card('Classes of errors', [{ width: 696, height, body: body.join('\n') }]);
}

function box(x: number, y: number, width: number, name: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="26" rx="5" fill="#f6f8fa" stroke="#8b98a5"/>${label(name, x + width / 2, y + 18, INK, 'middle', 12.5)}`;
}
