import { blobs, Codebook } from 'centroids';

// Gaussian splats: 45 numbers of spherical harmonics each, which make up most of a scene's bytes.
const harmonics = blobs(6000, 300, { columns: 45, deviation: 0.05, seed: 2 });

// A palette for the whole scene, as the formats for the web keep it: two bytes a splat.
const palette = await Codebook.train(harmonics, 1024, { seed: 1 });
const { codes } = await palette.encode(harmonics);
console.log(`${codes.BYTES_PER_ELEMENT} bytes a splat instead of ${4 * 45}`);
console.log(`and ${palette.save().length} bytes of palette`);

// What it costs: the mean squared error a number, against the variance that was there.
const error = (await palette.distortion(harmonics)) / 45;
const mean = harmonics.data.reduce((sum, value) => sum + value, 0) / harmonics.data.length;
const variance =
  harmonics.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / harmonics.data.length;
console.log(`${((100 * error) / variance).toFixed(1)} % of the variance is lost`);
