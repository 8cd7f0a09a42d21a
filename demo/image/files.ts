/** A result as a file: the picture, or its palette in the formats that other programs read. */
import type { QuantizedImage } from '../../src/image/index.ts';
import type { FileFormat } from './messages.ts';

const WRITERS: Record<FileFormat, (image: QuantizedImage) => BlobPart | Promise<BlobPart>> = {
  png: (image) => image.toPng(),
  css: (image) => image.toCss(),
  json: (image) => image.toJson(),
  gpl: (image) => image.toGpl(),
  ase: (image) => image.toAse(),
};

const TYPES: Partial<Record<FileFormat, string>> = {
  png: 'image/png',
  css: 'text/css',
  json: 'application/json',
};

export async function fileOf(image: QuantizedImage, format: FileFormat): Promise<Blob> {
  return new Blob([await WRITERS[format](image)], { type: TYPES[format] ?? '' });
}
