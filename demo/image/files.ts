/** A result as a file: the picture, or its palette in the formats that other programs read. */
import type { QuantizedImage } from '../../src/image/index.ts';
import { encodePng } from '../../src/image/files/png.ts';
import type { FileFormat } from './messages.ts';

export async function fileOf(image: QuantizedImage, format: FileFormat): Promise<Blob> {
  switch (format) {
    case 'png': {
      const { indices, width, height, palette } = image;
      return new Blob([await encodePng(indices, width, height, palette)], { type: 'image/png' });
    }
    default:
      throw new Error('pending');
  }
}
