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
   * Product quantization: so many equal parts of the columns, each with k codes of its own. A divisor
   * of the number of columns; default 1, a plain codebook. Explicit first centroids are whole rows, of
   * which each part takes its columns; what `onProgress` is told, but for `fraction`, is of the part
   * at hand.
   */
  subspaces?: number;
}

/** Where rows are encoded: a codebook itself holds no engine. */
export type EncodeOptions = Pick<KMeansOptions, 'engine' | 'device' | 'threads' | 'signal'>;

/** Options of {@link Codebook.distortion}. */
export interface DistortionOptions extends EncodeOptions {
  /** One non-negative weight a row. */
  weights?: ArrayLike<number>;
}

/** What {@link Codebook.encode} resolves with. */
export interface Encoded {
  /** rows × subspaces, row-major: of the smallest type that holds k codes. */
  codes: Uint8Array | Uint16Array | Uint32Array;
  /** Euclidean distance of every row to its decoded row, in the units of the points. */
  distances: Float64Array;
}

/**
 * A set of k vectors that stand for all others, or with `subspaces` m sets of k parts of vectors.
 *
 * The nearest code is the one that {@link kmeans} would choose, by the same exact integers: every
 * engine gives the same codes, also after {@link Codebook.save} and {@link Codebook.load}. Under
 * `whiten` nearest means in scaled columns; distances are in the units of the points all the same.
 *
 * @example
 * const codebook = await Codebook.train(points, 256, { subspaces: 8 }); // 8 bytes a row
 * const { codes } = await codebook.encode(points);
 * const again = codebook.decode(codes);
 */
export class Codebook {
  /** Columns of the points. */
  readonly columns: number;
  /** Codes of each subspace. */
  readonly k: number;
  /** Parts of the columns, and codes of a row; 1 in a plain codebook. */
  readonly subspaces: number;
  /** What the codes of each subspace stand for: k × (columns / subspaces), in the units of the points. */
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
   * Trains a codebook by {@link kmeans}, one run a subspace.
   *
   * @param points rows × columns, in any accepted form
   * @param k codes (of each subspace), 1 to the number of rows; fewer come out under
   *   `emptyCluster: 'drop'`
   * @throws as kmeans does
   */
  static async train(points: Points, k: number, options: CodebookOptions = {}): Promise<Codebook> {
    refuseUnknown(options, [...KNOWN, 'subspaces']);
    const { subspaces = 1, ...others } = options;
    const settings = judge(points, k, others, 'Codebook');
    judgeSubspaces(subspaces, settings);
    return new Codebook(await trainParts(settings, subspaces));
  }

  /**
   * Reads what {@link Codebook.save} gave.
   * @throws InvalidInputError on bytes that are cut short, damaged, of a newer release or something else
   */
  static load(bytes: Uint8Array): Codebook {
    return new Codebook(unpack(bytes));
  }

  /** The codebook as bytes, in the format described at the head of `src/codebook/format.ts`. */
  save(): Uint8Array {
    return pack(this.#models);
  }

  /**
   * The nearest codes of rows, ties to the lowest.
   *
   * @param points rows × columns, in any accepted form
   * @throws InvalidInputError; EngineUnavailableError; the signal's reason
   */
  async encode(points: Points, options: EncodeOptions = {}): Promise<Encoded> {
    const { codes, squares } = await this.#code(points, options);
    return { codes: narrow(codes, this.k), distances: squares.map(Math.sqrt) };
  }

  /**
   * What codes stand for.
   *
   * @param codes rows × subspaces whole numbers below k, row-major
   * @returns rows × columns, in the units of the points
   * @throws InvalidInputError
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
   * The reconstruction error: the mean over all rows of ‖row − decoded row‖², in squared units of the
   * points. On the points and with the weights of a training without `whiten` that is
   * inertia / Σ weight. Whole weights give the bits of so many equal rows.
   *
   * @param points rows × columns, in any accepted form
   * @throws as {@link Codebook.encode}
   */
  async distortion(points: Points, options: DistortionOptions = {}): Promise<number> {
    const { weights, ...others } = options;
    const { squares } = await this.#code(points, others, (rows) => integerWeights(weights, rows));
    const total = weights ? sumOf(Float64Array.from(weights)) : squares.length;
    return sumOf(squares, weights) / total;
  }

  /**
   * Squared euclidean distances of a vector's parts to all codes, for searching among encoded rows
   * (asymmetric distances): the squared distance of the vector to decoded row i is the sum over all
   * subspaces s of `table.data[s * k + codes[i * subspaces + s]]`.
   *
   * @param query one vector of so many columns
   * @returns subspaces × k, in squared units of the points
   * @throws InvalidInputError
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
