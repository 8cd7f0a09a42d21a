/** Vector quantization: a codebook is trained once, then rows become codes and codes become rows. */
import { refuse, refuseUnknown } from '../errors.ts';
import { integerWeights, refuseNonFinite, toOriginal } from '../grid.ts';
import { squaredDistance, type Matrix, type Points } from '../matrix.ts';
import { judge, KNOWN, type KMeansOptions } from '../options.ts';
import type { Model } from '../predict.ts';
import { sumOf } from '../sums.ts';
import { pack, unpack } from './format.ts';
import { codeParts, judgeSubspaces, trainParts, type Coded } from './subspaces.ts';

/** Options of {@link Codebook.train}. */
export interface CodebookOptions extends KMeansOptions {
  /**
   * Product quantization: the number of equal parts that the columns are divided into, each with k codes of
   * its own. A divisor of the number of columns; default 1, a plain codebook. Explicit first centroids are
   * whole rows, of which each part takes its columns. `onProgress` is told about the current part, except
   * for `fraction`, which counts all of them.
   * Source: H. Jégou, M. Douze, C. Schmid, "Product Quantization for Nearest Neighbor Search", 2011.
   */
  subspaces?: number;
}

/** Options of {@link Codebook.encode}: where to run. A codebook itself holds no engine. */
export type EncodeOptions = Pick<KMeansOptions, 'engine' | 'device' | 'threads' | 'signal'>;

/** Options of {@link Codebook.distortion}. */
export interface DistortionOptions extends EncodeOptions {
  /** One non-negative weight per row, not all zero. Default: 1 each. */
  weights?: ArrayLike<number>;
}

/** What {@link Codebook.encode} resolves with. */
export interface Encoded {
  /** rows × subspaces codes from 0 to k − 1, row-major, in the smallest type that holds k codes. */
  codes: Uint8Array | Uint16Array | Uint32Array;
  /** One per row: its Euclidean distance to its decoded row, in the units of the points. */
  distances: Float64Array;
}

/**
 * Vector quantization: a codebook replaces each row with the number of the nearest of k centroids, its code.
 * With `subspaces` it is a product quantizer, which does so for each part of the columns.
 *
 * Codes are those that {@link kmeans} would choose, the same on every engine, also after
 * {@link Codebook.save} and {@link Codebook.load}. Under `whiten` the nearest centroid is found in scaled
 * columns, but distances are still in the units of the points.
 *
 * @example
 * const codebook = await Codebook.train(points, 256, { subspaces: 8 }); // 8 bytes a row
 * const { codes } = await codebook.encode(points);
 * const again = codebook.decode(codes);
 */
export class Codebook {
  /** Number of columns of the points. */
  readonly columns: number;
  /** Number of codes (of each subspace). */
  readonly k: number;
  /** Number of parts of the columns, which is also the number of codes per row; 1 in a plain codebook. */
  readonly subspaces: number;
  /** For each subspace, what its codes stand for: k × (columns / subspaces), in the units of the points. */
  readonly centroids: readonly Matrix[];
  readonly #models: readonly Model[];

  private constructor(models: readonly Model[]) {
    const [{ k, frame }] = models;
    this.k = k;
    this.subspaces = models.length;
    this.columns = models.length * frame.columns;
    this.#models = models;
    this.centroids = models.map(({ frame, centroids }) => ({
      data: toOriginal(centroids, frame),
      rows: k,
      columns: frame.columns,
    }));
  }

  /**
   * Trains a codebook with {@link kmeans}, one run per subspace.
   *
   * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
   * @param k number of codes (of each subspace), from 1 to the number of rows; `emptyCluster: 'drop'` may
   *   leave fewer, without `subspaces`
   * @throws
   * - InvalidInputError if `subspaces` does not divide the columns
   * - whatever `kmeans` throws for these points and options
   */
  static async train(points: Points, k: number, options: CodebookOptions = {}): Promise<Codebook> {
    refuseUnknown(options, [...KNOWN, 'subspaces']);
    const { subspaces = 1, ...others } = options;
    const settings = judge(points, k, others, 'Codebook');
    judgeSubspaces(subspaces, settings);
    return new Codebook(await trainParts(settings, subspaces));
  }

  /**
   * Restores a codebook that {@link Codebook.save} saved. It gives the same codes, to the bit.
   * @throws InvalidInputError if the bytes are cut short, damaged, from a newer release or not a codebook
   */
  static load(bytes: Uint8Array): Codebook {
    return new Codebook(unpack(bytes));
  }

  /** Returns the codebook as bytes, to be restored with {@link Codebook.load}. */
  save(): Uint8Array {
    return pack(this.#models);
  }

  /**
   * Finds the nearest code of every row (in every subspace); ties go to the lowest code.
   *
   * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
   * @throws
   * - InvalidInputError if the number of columns differs or a number is not finite
   * - EngineUnavailableError if an engine given by name cannot run here
   * - the signal's reason, if aborted
   */
  async encode(points: Points, options: EncodeOptions = {}): Promise<Encoded> {
    const { codes, squares } = await this.#code(points, options);
    return { codes: narrow(codes, this.k), distances: squares.map(Math.sqrt) };
  }

  /**
   * Turns codes back into the rows they stand for.
   *
   * @param codes rows × subspaces whole numbers from 0 to k − 1, row-major
   * @returns rows × columns, in the units of the points
   * @throws InvalidInputError if a code is out of range, or a row is incomplete
   */
  decode(codes: ArrayLike<number>): Matrix {
    const { subspaces, columns, k, centroids } = this;
    if (!Number.isInteger((codes as ArrayLike<number> | null)?.length))
      refuse('codes', codes, 'an array of codes', 'Pass what encode gave.');
    if (codes.length % subspaces !== 0)
      refuse(
        'codes.length',
        codes.length,
        `a multiple of ${subspaces} (the subspaces)`,
        'Pass all codes of every row.',
      );
    const width = columns / subspaces;
    const data = new Float32Array(codes.length * width);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (!(Number.isInteger(code) && code >= 0 && code < k))
        refuse(
          `codes[${i}]`,
          code,
          `a whole number from 0 to ${k - 1}`,
          'Pass codes of this codebook.',
        );
      const { data: book } = centroids[i % subspaces];
      data.set(book.subarray(code * width, (code + 1) * width), i * width);
    }
    return { data, rows: codes.length / subspaces, columns };
  }

  /**
   * Computes the reconstruction error: the (weighted) mean over all rows of ‖row − decoded row‖², in squared
   * units of the points. For the points and weights of a training without `whiten`, this is
   * inertia / Σ weight. A whole weight counts as that many equal rows, to the bit.
   *
   * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
   * @throws whatever {@link Codebook.encode} throws; InvalidInputError if weights are not valid
   */
  async distortion(points: Points, options: DistortionOptions = {}): Promise<number> {
    const { weights, ...others } = options;
    const { squares } = await this.#code(points, others, (rows) => integerWeights(weights, rows));
    const total = weights ? sumOf(Float64Array.from(weights)) : squares.length;
    return sumOf(squares, weights) / total;
  }

  /**
   * Computes the squared Euclidean distances of a vector's parts to all codes, for searching among encoded
   * rows (asymmetric distances). The squared distance of the vector to decoded row i is the sum over all
   * subspaces s of `table.data[s * k + codes[i * subspaces + s]]`.
   *
   * @param query one vector, as many numbers as the points have columns
   * @returns subspaces × k, in squared units of the points
   * @throws InvalidInputError if the length differs or a number is not finite
   */
  distanceTable(query: ArrayLike<number>): Matrix {
    const { subspaces, columns, k, centroids } = this;
    if ((query as ArrayLike<number> | null)?.length !== columns)
      refuse('query.length', query?.length, `${columns} (the columns)`, 'Pass one vector.');
    refuseNonFinite({ data: Float64Array.from(query), rows: 1, columns }, 'query');
    const width = columns / subspaces;
    const data = Float32Array.from({ length: subspaces * k }, (_, at) => {
      const s = Math.floor(at / k);
      return squaredDistance(query, s * width, centroids[s].data, (at % k) * width, width);
    });
    return { data, rows: subspaces, columns: k };
  }

  #code(
    points: Points,
    options: EncodeOptions,
    judgeMore: (rows: number) => void = () => {},
  ): Promise<Coded> {
    refuseUnknown(options, ['engine', 'device', 'threads', 'signal']);
    const settings = judge(points, 1, options);
    const { columns } = settings.points;
    if (columns !== this.columns)
      refuse(
        'points.columns',
        columns,
        `${this.columns}, as in the codebook`,
        'Pass rows of the same columns.',
      );
    refuseNonFinite(settings.points);
    judgeMore(settings.points.rows);
    return codeParts(settings, this.#models, this.centroids);
  }
}

/** Codes in the smallest type that holds 0 to k − 1. */
function narrow(codes: Uint32Array, k: number): Encoded['codes'] {
  if (k <= 2 ** 8) return new Uint8Array(codes);
  return k <= 2 ** 16 ? new Uint16Array(codes) : codes;
}
