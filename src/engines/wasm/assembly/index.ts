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
  sumsAt,
  sumStepsAt,
  weightsAt,
} from './lane';
export { openExact, quantizeCentroids } from './exact';
export { order } from './order';
export {
  comparedCandidates,
  filter,
  forget,
  keepLabels,
  openFilter,
  restoreLabels,
  writeLabels,
} from './filter';
export { brute, forgetBrute, keepBrute, openBrute, packCentroids, restoreBrute } from './brute';
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
export { reserve, used } from './memory';
