import { blobs, Codebook } from 'centroids';

// Gaussian splats: 45 spherical-harmonics coefficients each, most of a scene's bytes.
const harmonics = blobs(6000, 300, { columns: 45, deviation: 0.05, seed: 2 });

// One palette for the whole scene, as web formats store it: two bytes per splat.
const palette = await Codebook.train(harmonics, 1024, { seed: 1 });
const { codes } = await palette.encode(harmonics);
console.log(`${codes.BYTES_PER_ELEMENT} bytes a splat instead of ${4 * 45}`);
console.log(`and ${palette.save().length} bytes of palette`);

// What it costs: the mean squared error per number, against the variance of the data.
const error = (await palette.distortion(harmonics)) / 45;
const mean = harmonics.data.reduce((sum, value) => sum + value, 0) / harmonics.data.length;
const variance =
  harmonics.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / harmonics.data.length;
console.log(`${((100 * error) / variance).toFixed(1)} % of the variance is lost`);
