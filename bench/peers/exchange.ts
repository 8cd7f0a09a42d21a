/**
 * What contenders are given and what they give back: raw little-endian files in a folder, and a small
 * JSON. A contender is another process, perhaps of another language; nothing of this is in its times.
 */
import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Matrix } from '../../src/index.ts';
import type { Pace, Split } from './clock.ts';

export interface Task extends Pace {
  /** Holds points.f32 and init.f32; labels and centroids are left here. */
  folder: string;
  rows: number;
  columns: number;
  k: number;
  /** Most iterations of a fit. */
  iterations: number;
  /** So many iterations are compared label by label, before rounding has had time to grow. */
  early: number;
}

/** What a contender says of itself. Times in milliseconds. */
export interface Answer {
  iterations: number;
  /** The first fit of the process: with compilation, cold caches and (ours) starting of workers. */
  first: number;
  /** Fits between the first one and the timed ones. */
  warmUps: number;
  times: number[];
  median: number;
  /** By the contender's own account; null where it keeps none. */
  inertia: number | null;
  /** Who it is, with versions. */
  description: string;
  algorithm?: string;
  hash?: string;
  /** Where the time goes; ours only. */
  split?: Split;
}

/** Labels and the centroids after them. */
export interface Clusters {
  labels: Uint32Array;
  /** k × columns. */
  centroids: Float64Array;
}

export function writePoints(folder: string, points: Matrix, init: Matrix): void {
  writeFileSync(path.join(folder, 'points.f32'), bytesOf(points.data));
  writeFileSync(path.join(folder, 'init.f32'), bytesOf(init.data));
}

export function readPoints({ folder, rows, columns, k }: Task): { points: Matrix; init: Matrix } {
  const read = (name: string) => new Float32Array(readBuffer(path.join(folder, name)));
  return {
    points: { data: read('points.f32'), rows, columns },
    init: { data: read('init.f32'), rows: k, columns },
  };
}

export function writeClusters(folder: string, name: string, { labels, centroids }: Clusters): void {
  writeFileSync(path.join(folder, `${name}.labels.u32`), bytesOf(labels));
  writeFileSync(path.join(folder, `${name}.centroids.f64`), bytesOf(centroids));
}

export function readClusters(folder: string, name: string): Clusters {
  return {
    labels: new Uint32Array(readBuffer(path.join(folder, `${name}.labels.u32`))),
    centroids: new Float64Array(readBuffer(path.join(folder, `${name}.centroids.f64`))),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A buffer of its own: Node's may begin anywhere in a shared one, where no float may stand. */
function readBuffer(file: string): ArrayBuffer {
  const buffer = new ArrayBuffer(statSync(file).size);
  const descriptor = openSync(file, 'r');
  try {
    for (let at = 0; at < buffer.byteLength;) {
      const got = readSync(descriptor, new Uint8Array(buffer, at), 0, buffer.byteLength - at, at);
      if (got === 0) throw new Error(`${file} ends after ${at} bytes`);
      at += got;
    }
  } finally {
    closeSync(descriptor);
  }
  return buffer;
}
