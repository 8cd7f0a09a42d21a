/**
 * The entry `centroids/io`: reads points and tables from CSV, JSON lines, NPY, NPZ, Parquet and Arrow files, also
 * from files larger than memory, and writes tables with results.
 * @module centroids/io
 */
export type { Input } from './bytes.ts';
export { openTable, type FormatName, type TableOptions } from './formats.ts';
export { labelled, matrixTable, type Added, type AddedInParts } from './labelled.ts';
export {
  openSource,
  readPoints,
  type FileSource,
  type PointsOptions,
  type ReadPoints,
  type RowsOfPoints,
  type SourceOptions,
} from './read.ts';
export type { MissingPolicy } from './select.ts';
export {
  tableOf,
  type Cell,
  type Chunk,
  type ChunksOptions,
  type Column,
  type ColumnInfo,
  type ColumnType,
  type ColumnValues,
  type NumberType,
  type Table,
  type Values,
} from './table.ts';
export { writeTable, type WriteFormat, type WriteOptions } from './write.ts';
