/** What rows are called that were pasted, and come from no file. */
export const PASTED = 'pasted rows';
