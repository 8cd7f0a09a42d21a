/** A result as a file: the picture, or its palette in the formats that other programs read. */
import type { QuantizedImage } from '../../src/image/index.ts';
import { toAse, toCss, toGpl, toJson } from '../../src/image/files/palettes.ts';
import type { FileFormat } from './messages.ts';

export async function fileOf(image: QuantizedImage, format: FileFormat): Promise<Blob> {
  const { palette } = image;
  switch (format) {
    case 'png':
      return new Blob([await image.toPng()], { type: 'image/png' });
    case 'css':
      return new Blob([toCss(palette)], { type: 'text/css' });
    case 'json':
      return new Blob([toJson(palette)], { type: 'application/json' });
    case 'gpl':
      return new Blob([toGpl(palette)], { type: 'text/plain' });
    case 'ase':
      return new Blob([toAse(palette)]);
  }
}
