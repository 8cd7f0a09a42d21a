import { blobs, kmeans, matrix } from 'centroids';

// Longitudes and latitudes in degrees, as a tracker records them, around six places in the Pacific.
const places = blobs(3000, 6, { deviation: 0.02, seed: 5 });
const positions = Array.from({ length: places.rows }, (_, i) => ({
  longitude: ((180 + 40 * places.data[2 * i] + 180) % 360) - 180, // on both sides of the date line
  latitude: 50 * places.data[2 * i + 1],
}));

// Every position on the sphere is a direction: no seam at 180°, no shrinking towards the poles.
const radians = Math.PI / 180;
const directions = positions.flatMap(({ longitude, latitude }) => [
  Math.cos(latitude * radians) * Math.cos(longitude * radians),
  Math.cos(latitude * radians) * Math.sin(longitude * radians),
  Math.sin(latitude * radians),
]);
const { centroids, sizes } = await kmeans(matrix(directions, 3), 6, {
  metric: 'cosine',
  nInit: 10,
  seed: 1,
});

for (let j = 0; j < 6; j++) {
  const [x, y, z] = centroids.data.subarray(3 * j);
  const longitude = Math.atan2(y, x) / radians;
  const latitude = Math.asin(z) / radians;
  console.log(`${longitude.toFixed(1)}°, ${latitude.toFixed(1)}°: ${sizes[j]} positions`);
}
