import { encodeGif, quantizeFrames, quantizeImage } from 'centroids/image';

// Any ImageData, bitmap, canvas, or the bytes of a PNG or JPEG; here an image with 16,384 colours.
const [width, height] = [256, 64];
const data = new Uint8ClampedArray(4 * width * height);
for (let y = 0, at = 0; y < height; y++)
  for (let x = 0; x < width; x++, at += 4) data.set([x, 255 - x, 4 * y, 255], at);
const image = { data, width, height };

const small = await quantizeImage(image, { colors: 16, lock: ['#000', '#fff'] });
const { psnr, ssim, deltaE } = await small.quality();
console.log(small.colors, 'colours, the first:', ...small.toJson().match(/#\w+/g)!.slice(0, 3));
console.log('PSNR', psnr.toFixed(1), 'SSIM', ssim.toFixed(3), 'mean ΔE', deltaE.mean.toFixed(1));

// The fewest colours that reach a quality; a minimum difference between entries; important pixels.
const good = await quantizeImage(image, { space: 'srgb', minQuality: { psnr: 32 } });
console.log(good.colors, 'colours for 32 dB');
const apart = await quantizeImage(image, { colors: 64, minDeltaE: 8 });
console.log(apart.colors, 'colours at least 8 apart');
const importance = Float32Array.from({ length: width * height }, (_, i) => (i % width < 32 ? 50 : 1));
const left = await quantizeImage(image, { colors: 16, importance });
console.log('entries with little red:', left.palette.filter((red, at) => at % 4 === 0 && red < 32).length);

// One palette for several images, or one that follows a video without flicker.
const [a, b] = await quantizeImage([image, image], { colors: 8, dither: 'blue-noise' });
console.log(a.palette.join() === b.palette.join());
const frames = [];
for await (const frame of quantizeFrames([image, image], { colors: 8 })) frames.push(frame);
const gif = await encodeGif(frames, { delay: 40 });
const png = await small.toPng();
console.log(String.fromCharCode(...gif.subarray(0, 6)), 'and a PNG of', png[24], 'bits a pixel');
