/**
 * PSNR, SSIM and CIEDE2000 against published values and other people's code.
 */
import { differenceCiede2000, converter } from 'culori';
import fc from 'fast-check';
import { ssim as ssimJs } from 'ssim.js';
import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../src/image/pixels.ts';
import { deltaE, deltaE2000, labOf } from '../../src/image/quality/delta-e.ts';
import { psnr } from '../../src/image/quality/psnr.ts';
import { ssim } from '../../src/image/quality/ssim.ts';
import { pcg32 } from '../../src/rng.ts';

/**
 * Table 1 of Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula: Implementation Notes,
 * Supplementary Test Data, and Mathematical Observations (2005): L, a, b twice, and the difference.
 */
const SHARMA = `
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.02 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1
50 -1.1848 -84.8006 50 0 -82.7485 1
50 -0.9009 -85.5211 50 0 -82.7485 1
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.49 -0.001 50 -2.49 0.0009 7.1792
50 2.49 -0.001 50 -2.49 0.001 7.1792
50 2.49 -0.001 50 -2.49 0.0011 7.2195
50 2.49 -0.001 50 -2.49 0.0012 7.2195
50 -0.001 2.49 50 0.0009 -2.49 4.8045
50 -0.001 2.49 50 0.001 -2.49 4.8045
50 -0.001 2.49 50 0.0011 -2.49 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.903
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1
50 2.5 0 50 3.2972 0 1
50 2.5 0 50 1.8634 0.5757 1
50 2.5 0 50 3.2592 0.335 1
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.263
61.2901 3.7196 -5.3901 61.4292 2.248 -4.962 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.694 23.0331 14.973 -42.5619 2.0373
36.4612 47.858 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.441 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.135 0.9033 -0.0636 -0.5514 0.9082`
  .trim()
  .split('\n')
  .map((line) => line.split(' ').map(Number));

const byte = fc.integer({ min: 0, max: 255 });
const colour = fc.tuple(byte, byte, byte);

describe('CIEDE2000', () => {
  test('has the published values of all 34 pairs, to their four decimals', () => {
    expect(SHARMA).toHaveLength(34);
    for (const [l1, a1, b1, l2, a2, b2, expected] of SHARMA) {
      const difference = deltaE2000([l1, a1, b1], [l2, a2, b2]);
      // Pairs 10 and 14 lie at the jump where mean hue turns round: both sides of it are 0.0403 apart.
      expect(difference.toFixed(4)).toBe(expected.toFixed(4));
      expect(deltaE2000([l2, a2, b2], [l1, a1, b1])).toBeCloseTo(difference, 10);
    }
  });

  test("is culori's, from the same bytes", () => {
    const toLab = converter('lab65');
    const between = differenceCiede2000();
    fc.assert(
      fc.property(colour, colour, (one, other) => {
        const [p, q] = [one, other].map(([r, g, b]) => ({
          mode: 'rgb' as const,
          r: r / 255,
          g: g / 255,
          b: b / 255,
        }));
        const { l, a, b } = toLab(p);
        const lab = labOf(...one);
        [l, a, b].forEach((value, t) => expect(lab[t]).toBeCloseTo(value, 9));
        expect(deltaE2000(lab, labOf(...other))).toBeCloseTo(between(p, q), 5);
      }),
    );
  });

  test('over images is the mean and the largest over pixels', async () => {
    const a = noise(37, 23, 1);
    const b = noise(37, 23, 2);
    const each = Array.from({ length: 37 * 23 }, (_, i) => {
      const [p, q] = [a, b].map(({ data }) => labOf(data[4 * i], data[4 * i + 1], data[4 * i + 2]));
      return deltaE2000(p, q);
    });
    const { mean, max } = await deltaE(a, b);
    expect(mean).toBeCloseTo(each.reduce((sum, value) => sum + value) / each.length, 10);
    expect(max).toBe(Math.max(...each));
    expect(await deltaE(a, a)).toEqual({ mean: 0, max: 0 });
  });
});

describe('PSNR', () => {
  test('is 10 · log₁₀(255² / mean square)', async () => {
    const a = flat(8, 4, [10, 20, 30, 255]);
    const b = flat(8, 4, [13, 20, 26, 255]);
    expect(await psnr(a, b)).toBeCloseTo(10 * Math.log10(255 ** 2 / ((9 + 0 + 16) / 3)), 12);
    expect(await psnr(a, a)).toBe(Infinity);
    const black = flat(1, 1, [0, 0, 0, 255]);
    expect(await psnr(black, flat(1, 1, [255, 255, 255, 255]))).toBe(0);
  });
});

describe('SSIM', () => {
  /** Grey, so that both have the same luma: ssim.js rounds it, as the authors' MATLAB does. */
  test.each([
    [64, 48],
    [11, 11],
    [300, 290],
  ])("is ssim.js's over windows of 11 × 11 without downsampling, %i × %i", async (w, h) => {
    for (const amount of [4, 40, 255]) {
      const a = grey(noise(w, h, 3));
      const b = grey(changed(a, amount));
      const options = { ssim: 'fast', downsample: false, rgb2grayVersion: 'original' } as const;
      const { mssim } = ssimJs(asImageData(a), asImageData(b), options);
      expect(await ssim(a, b)).toBeCloseTo(mssim, 9);
    }
  });

  test('is 1 for equal images, of any size', async () => {
    for (const [w, h] of [
      [1, 1],
      [2, 30],
      [10, 12],
      [40, 3],
    ]) {
      const a = noise(w, h, 4);
      expect(await ssim(a, a)).toBeCloseTo(1, 12);
      expect(await ssim(a, changed(a, 90))).toBeLessThan(0.999);
    }
  });
});

describe('transparency', () => {
  test('counts as much as colour does, and colours that nobody sees do not count', async () => {
    const white = flat(12, 12, [255, 255, 255, 255]);
    const clear = flat(12, 12, [255, 255, 255, 0]);
    expect(await psnr(white, clear)).toBeCloseTo(10 * Math.log10(2), 10);
    expect(await ssim(white, clear)).toBeLessThan(0.6);
    expect((await deltaE(white, clear)).max).toBeCloseTo(100, 6);
    const alsoClear = flat(12, 12, [9, 99, 0, 0]);
    expect(await psnr(clear, alsoClear)).toBe(Infinity);
    expect(await deltaE(clear, alsoClear)).toEqual({ mean: 0, max: 0 });
  });
});

test('images of other sizes are refused, a signal stops', async () => {
  const a = noise(4, 6, 5);
  for (const measure of [psnr, ssim, deltaE]) {
    await expect(measure(a, noise(6, 4, 5))).rejects.toThrow(
      "the size of b is '6 × 4'; expected 4 × 6",
    );
    await expect(measure({ ...a, height: 7 }, a)).rejects.toMatchObject({ code: 'invalid-input' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(measure(a, a, { signal })).rejects.toThrow('enough');
  }
});

function flat(width: number, height: number, rgba: number[]): Pixels {
  const data = new Uint8Array(4 * width * height).map((_, at) => rgba[at % 4]);
  return { data, width, height };
}

function noise(width: number, height: number, seed: number): Pixels {
  const random = pcg32(seed);
  const data = new Uint8Array(4 * width * height).map((_, at) =>
    at % 4 === 3 ? 255 : 256 * random(),
  );
  return { data, width, height };
}

function changed({ data, width, height }: Pixels, amount: number): Pixels {
  const random = pcg32(amount);
  const changed = Uint8ClampedArray.from(data, (value, at) =>
    at % 4 === 3 ? value : value + amount * (random() - 0.5),
  );
  return { data: changed, width, height };
}

function grey({ data, width, height }: Pixels): Pixels {
  return { data: data.map((value, at) => (at % 4 === 3 ? value : data[at & ~3])), width, height };
}

function asImageData({ data, width, height }: Pixels): ImageData {
  return { data: Uint8ClampedArray.from(data), width, height, colorSpace: 'srgb' };
}
