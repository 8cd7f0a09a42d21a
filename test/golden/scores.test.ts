/** Scores against scikit-learn's, on its own clusterings. */
import { expect, test } from 'vitest';
import {
  adjustedRandIndex,
  calinskiHarabasz,
  daviesBouldin,
  homogeneityCompletenessV,
  normalizedMutualInformation,
  silhouette,
  silhouetteSamples,
} from '../../src/index.ts';
import { external, near, scored } from './suite.ts';

test('all of the files that hold scores are read', () => {
  expect(scored).toHaveLength(8);
});

test.each(scored)('$name', async ({ golden: { points, expected } }) => {
  const { labels } = expected;
  near([await silhouette(points, labels)], [expected.silhouette], 1);
  near([...(await silhouetteSamples(points, labels))], expected.silhouette_samples, 1);
  near([daviesBouldin(points, labels)], [expected.davies_bouldin], 1);
  near(
    [calinskiHarabasz(points, labels)],
    [expected.calinski_harabasz],
    expected.calinski_harabasz,
  );
});

test('agreement of two labelings of iris', () => {
  const { truth, labels, expected } = external;
  near([adjustedRandIndex(truth, labels)], [expected.adjusted_rand], 1);
  near([normalizedMutualInformation(truth, labels)], [expected.normalized_mutual_info], 1);
  const { homogeneity, completeness, vMeasure } = homogeneityCompletenessV(truth, labels);
  near([homogeneity, completeness, vMeasure], [expected.homogeneity, expected.completeness, expected.v_measure], 1); // prettier-ignore
});
