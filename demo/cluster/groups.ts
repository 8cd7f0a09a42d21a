/** Groups on a board, whatever k is: changing k shows other clusters of the same points. */
export const GROUPS = 16;
