// Everything the host calls.
export {
  begin,
  setCentroids,
  centroidsAt,
  countsAt,
  gridCentroidsAt,
  labelsAt,
  movedRows,
  open,
  pointsAt,
  setBound,
  setDistance,
  sumsAt,
  sumStepsAt,
  weightsAt,
} from './lane';
export { openExact, quantizeCentroids } from './exact';
export { dropTree } from './order';
// the tree is only for tests to look at
export { leafRows, nodeBytes, nodeCount, nodes, openOrder, order, ordered, rowOf, stride } from './order';
export {
  comparedCandidates,
  filter,
  forget,
  keepLabels,
  openFilter,
  restoreLabels,
  startFilter,
  writeLabels,
} from './filter';
export { brute, openBrute, pack, packCentroids } from './brute';
export {
  bound,
  dropBounds,
  forgetBounds,
  groupsLookedAt,
  openBounds,
  orderByLabel,
  packBounds,
  startBounds,
  timesLookedCloser,
} from './bounds';
export { forgetBrute, keepBrute, restoreBrute } from './moves';
export {
  addLane,
  clearTotals,
  divide,
  openUpdate,
  updateCentroidsAt,
  updateCountsAt,
  updateExponentsAt,
  updateLaneAt,
  updateSumsAt,
  word,
} from './update';
export { contend } from './contend';
export { openSecond, second } from './second';
export { clear, release, reserve, used } from './memory';
export {
  gatherRows,
  layAt,
  openLay,
  ranges32,
  ranges64,
  settle32,
  settle64,
  stepSums32,
  stepSums64,
} from './lay';
export { countLabels, firstSum, secondSum, sumWords } from './hash';
export {
  beginSeed,
  closeSeed,
  countOwned,
  openSeed,
  openSeedTree,
  passSeed,
  pickSeed,
  reserveSeed,
  seedCentresAt,
  seedGainsAt,
  seedListAt,
  seedNearestAt,
  seedStretchesAt,
  seedWeightsAt,
  startSeed,
  takeSeed,
} from './seed';
