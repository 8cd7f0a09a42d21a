import { quantizeImage } from 'centroids/image';

// A sunset of 256 × 128 pixels; on a page, pass a canvas, an ImageBitmap or ImageData.
const [width, height] = [256, 128];
const data = new Uint8ClampedArray(4 * width * height);
for (let y = 0; y < height; y++)
  for (let x = 0; x < width; x++)
    data.set([255 - y, 120 + x / 4 - y / 2, 40 + y, 255], 4 * (y * width + x));

// Keep the brand's red; choose the fewest other colours that look the same.
const image = await quantizeImage(
  { data, width, height },
  { lock: ['#e4002b'], minQuality: { deltaE: 2 }, dither: 'none' },
);
const { psnr, deltaE } = await image.quality();
console.log(`${image.colors} colours, mean ΔE2000 ${deltaE.mean.toFixed(2)}, ${psnr.toFixed(1)} dB`);
console.log(image.toCss().split('\n').slice(0, 3).join('\n'));
console.log('PNG below a twentieth of the pixels:', (await image.toPng()).length < data.length / 20);
