/**
 * The file of a model: JSON with the names of its columns, and the fit as `KMeans` saves it, without the
 * labels of the rows that it was fitted to. What is read is judged to the last number.
 */
import { openFit, saveFit, type SavedKMeans } from '../estimators/kmeans.ts';
import { Saved } from '../estimators/saved.ts';
import { refuse } from '../errors.ts';
import type { KMeansOptions } from '../options.ts';
import type { Model } from '../predict.ts';
import { UsageError } from './exit.ts';
import { naming, read } from './files.ts';
import type { Terminal } from './terminal.ts';

const FORMAT = 'centroids/model';
const VERSION = 1;

export interface SavedModelFile {
  format: typeof FORMAT;
  version: number;
  /** Names of the coordinates, in their order. */
  columns: string[];
  /** What `KMeans.fromJSON` takes. */
  kmeans: SavedKMeans;
}

/** What a fit has found, and by which options. */
export interface FittedModel {
  names: string[];
  model: Model;
  inertia: number;
  iterations: number;
}

export function modelText(
  { names, ...fit }: FittedModel,
  options: KMeansOptions,
  k: number,
): string {
  const file: SavedModelFile = {
    format: FORMAT,
    version: VERSION,
    columns: names,
    kmeans: saveFit({ ...options, k }, fit),
  };
  return `${JSON.stringify(file)}\n`;
}

/** @throws InvalidInputError where it is not what {@link modelText} gives */
export function parseModel(text: string): FittedModel {
  const saved = Saved.open(text, FORMAT, VERSION);
  const names = saved.texts('columns');
  const { model, inertia, iterations } = openFit(saved.raw('kmeans'));
  if (names.length !== model.frame.columns)
    refuse(
      'json.columns.length',
      names.length,
      `${model.frame.columns} (kmeans.columns)`,
      'The file is damaged: save the model again.',
    );
  return { names, model, inertia, iterations };
}

export async function readModel(path: string, terminal: Terminal): Promise<FittedModel> {
  const bytes = await read(path, terminal);
  return naming(path, () => parseModel(new TextDecoder().decode(bytes)));
}

/** @throws UsageError where other columns were named than the model has */
export function judgeColumns(columns: number, names: readonly string[]): void {
  if (columns !== names.length)
    throw new UsageError(
      `--columns names ${columns}; expected ${names.length}, in the place of the model's ${names.join(', ')}. ` +
        'Leave it out where the file has the same names.',
    );
}
