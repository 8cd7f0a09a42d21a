/** What the kernels of the block filter are told about it, beside parameters.ts: loaded with it. */
import type { Curve } from './curve.ts';
import { BLOCKS_WORDS, type BlocksPlan } from './plan-blocks.ts';

/** The uniform Blocks of the filter (shaders/shared/blocks.wgsl). */
export function packBlocks(blocks: BlocksPlan, { axes, bits }: Curve): ArrayBuffer {
  const buffer = new ArrayBuffer(blocks.bytes.blocks);
  new Uint32Array(buffer).set([
    blocks.blockRows,
    blocks.superblock,
    blocks.listCapacity,
    blocks.nodeWords,
    blocks.rowWords,
    blocks.superLabels,
    blocks.superBefore,
    blocks.superCounts,
    blocks.blockLabels,
    blocks.superNodes,
    blocks.blockNodes,
    blocks.lists,
    2 ** (axes.length * bits),
    axes.length,
    bits,
  ]);
  new Float32Array(buffer).set(
    axes.flatMap(({ column, low, scale }) => [column, low, scale, 2 ** bits - 1]),
    BLOCKS_WORDS,
  );
  return buffer;
}
