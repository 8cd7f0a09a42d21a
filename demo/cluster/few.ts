/** Fewer points than this are drawn larger, and the centroids with them. */
export const FEW = 1000;
