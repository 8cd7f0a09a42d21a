// The block filter's own memory. Rows stand in blocks of `rows` along a space-filling curve, blocks in
// superblocks of `per_super`; both are nodes of a tree of two levels, one tree a chunk.
//
// Tree, in words: the columns' exponents; of superblocks their label, the label they had before this
// iteration, and how many candidates their list has; labels of blocks; nodes of superblocks; nodes of
// blocks; lists of superblocks.
// Node: weight, Σ W·p (low, high) a column, lowest y a column, highest y a column.
// A block of rows: y by column, `rows` of each, then weights where there are any.
//
// A label of a superblock goes for all its blocks, one of a block for all its rows; MIXED: see below.

struct Blocks {
  // of a block, and blocks of a superblock
  rows: u32,
  per_super: u32,
  // most candidates of a superblock's list
  list_capacity: u32,
  // words of a node, and of the rows of a block
  node_words: u32,
  row_words: u32,
  // where in a tree
  super_labels: u32,
  super_before: u32,
  super_counts: u32,
  block_labels: u32,
  super_nodes: u32,
  block_nodes: u32,
  lists: u32,
  // of the curve: 2^(axes · bits) cells
  cells: u32,
  axes: u32,
  bits: u32,
  // column, its lowest cell's border, cells in a unit of y, last cell
  axis: array<vec4<f32>, MAX_AXES>,
}

@group(0) @binding(20) var<uniform> blocks: Blocks;

const MAX_AXES: u32 = 22u;

// label of a node whose rows may have different ones
const MIXED: u32 = 0xfffffffeu;
// length of a list that did not fit: all centroids
const ALL: u32 = 0xffffffffu;

// words of `work`: candidates compared (two words), blocks added whole, blocks gone through row by row,
// and those of them whose candidates did not fit
const WORK_COMPARED: u32 = 0u;
const WORK_WHOLE: u32 = 2u;
const WORK_MIXED: u32 = 3u;
const WORK_CROWDED: u32 = 4u;
